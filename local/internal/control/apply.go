package control

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"

	"github.com/shema-music/shema/local/platform"
)

// apply brings the platform to what the caller has prepared, and tells each step
// as one line of JSON. If the caller goes away meanwhile, or a part fails,
// everything is stopped; a change that can't be made leaves everything as it is.
func (s *Server) apply(w http.ResponseWriter, r *http.Request) {
	var prepared platform.Prepared
	if err := json.NewDecoder(r.Body).Decode(&prepared); err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}

	steps := s.listen()
	defer s.unlisten(steps)

	result := make(chan error, 1)
	go func() { result <- s.bring(r.Context(), prepared) }()

	lines := json.NewEncoder(w)

	tell := func(m Message) {
		if err := lines.Encode(m); err != nil {
			return // the caller went away, which ends the request's context too
		}

		_ = http.NewResponseController(w).Flush()
	}
	for {
		select {
		case step := <-steps:
			tell(step)
		case err := <-result:
			for len(steps) > 0 {
				tell(<-steps)
			}

			if err == nil {
				tell(Message{What: WhatUp})
				return
			}

			if errors.Is(err, platform.ErrUnchanged) {
				tell(Message{What: WhatRefused, Error: err.Error()})
				return
			}

			_ = s.stop()

			tell(Message{What: WhatFailed, Error: err.Error()})
			s.end()

			return
		}
	}
}

func (s *Server) bring(ctx context.Context, prepared platform.Prepared) error {
	s.changing.Lock()
	defer s.changing.Unlock()

	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	defer context.AfterFunc(s.ctx, cancel)()

	if p := s.platform.Load(); p != nil {
		return p.Update(ctx, prepared)
	}

	p, err := platform.Run(ctx, prepared, s.report)
	if err != nil {
		return err
	}

	s.platform.Store(p)

	return nil
}

// report passes an event to all clients that wait for an apply; one who does not
// keep up misses some.
func (s *Server) report(e platform.Event) {
	message := Message{Name: e.Name, What: e.What, Took: e.Took}
	if e.Err != nil {
		message.Error = e.Err.Error()
	}

	s.listening.Lock()
	defer s.listening.Unlock()

	for listener := range s.listeners {
		select {
		case listener <- message:
		default:
		}
	}
}

func (s *Server) listen() chan Message {
	const backlog = 1000

	listener := make(chan Message, backlog)

	s.listening.Lock()
	defer s.listening.Unlock()

	s.listeners[listener] = true

	return listener
}

func (s *Server) unlisten(listener chan Message) {
	s.listening.Lock()
	defer s.listening.Unlock()

	delete(s.listeners, listener)
}
