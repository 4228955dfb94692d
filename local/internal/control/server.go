// Package control lets the command shema talk to the supervisor that it has
// left running in the background: HTTP over a socket file that only the same
// user can open.
package control

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"sync"
	"sync/atomic"
	"time"

	"github.com/shema-music/shema/local/platform"
)

// About identifies a supervisor, so that a newer one knows when to replace it.
type About struct {
	// Build changes with the program's own code.
	Build      string `json:"build"`
	PortOffset int    `json:"port_offset"`
}

// Message is one line of the answer to "apply".
type Message struct {
	Name  string        `json:"name,omitempty"`
	What  string        `json:"what"`
	Took  time.Duration `json:"took,omitempty"`
	Error string        `json:"error,omitempty"`
}

// The last message of an answer is one of these.
const (
	WhatUp      = "up"
	WhatFailed  = "failed to come up"
	WhatRefused = "refused"
)

// Server runs at most one platform for its callers.
type Server struct {
	about About
	// ctx ends when the supervisor is to end, and end makes it so.
	ctx context.Context
	end context.CancelFunc

	changing sync.Mutex // one apply or stop at a time
	platform atomic.Pointer[platform.Platform]

	listening sync.Mutex
	listeners map[chan Message]bool
}

// Serve answers on the socket until a caller asks to stop, an apply fails, or
// ctx ends; then it stops the platform.
func Serve(ctx context.Context, socket string, about About) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()

	s := &Server{
		about:     about,
		ctx:       ctx,
		end:       cancel,
		listeners: map[chan Message]bool{},
	}
	_ = os.Remove(socket) // left by a crash; the caller holds the folder's lock

	listener, err := (&net.ListenConfig{}).Listen(ctx, "unix", socket)
	if err != nil {
		return fmt.Errorf("listen for commands: %w", err)
	}

	server := &http.Server{Handler: s.routes(), ReadHeaderTimeout: 5 * time.Second}

	served := make(chan error, 1)
	go func() { served <- server.Serve(listener) }()

	select {
	case <-ctx.Done():
	case err = <-served:
	}

	err = errors.Join(err, s.stop())

	answering, giveUp := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
	defer giveUp()

	_ = server.Shutdown(answering)

	return err
}

func (s *Server) routes() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /about", func(w http.ResponseWriter, _ *http.Request) { answer(w, s.about, nil) })
	mux.HandleFunc("POST /apply", s.apply)
	mux.HandleFunc("GET /status", func(w http.ResponseWriter, _ *http.Request) {
		var status []platform.Status
		if p := s.platform.Load(); p != nil {
			status = p.Status()
		}

		answer(w, status, nil)
	})
	mux.HandleFunc("POST /programs/{name}/{action}", func(w http.ResponseWriter, r *http.Request) {
		answer(w, struct{}{}, s.act(r.Context(), r.PathValue("name"), r.PathValue("action")))
	})
	mux.HandleFunc("POST /stop", func(w http.ResponseWriter, _ *http.Request) {
		s.end() // which also breaks off an apply
		answer(w, struct{}{}, s.stop())
	})

	return mux
}

func answer(w http.ResponseWriter, value any, err error) {
	if err != nil {
		http.Error(w, err.Error(), http.StatusConflict)
		return
	}

	w.Header().Set("Content-Type", "application/json")

	if err := json.NewEncoder(w).Encode(value); err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
	}
}

func (s *Server) stop() error {
	s.changing.Lock()
	defer s.changing.Unlock()

	if p := s.platform.Swap(nil); p != nil {
		return p.Close()
	}

	return nil
}

func (s *Server) act(ctx context.Context, name, action string) error {
	p := s.platform.Load()
	if p == nil {
		return errors.New("the platform is not up")
	}

	switch action {
	case "start":
		return p.Start(ctx, name)
	case "stop":
		return p.Stop(name)
	case "restart":
		return p.Restart(ctx, name)
	case "kill":
		return p.Kill(ctx, name)
	default:
		return fmt.Errorf("there is no action %q", action)
	}
}
