package main

import (
	"context"
	"strings"
	"time"

	"github.com/shema-music/shema/services/chat/internal/chat"
	"github.com/shema-music/shema/services/chat/internal/clients"
	"github.com/shema-music/shema/services/chat/internal/hub"
	"github.com/shema-music/shema/services/chat/internal/inbox"
	"github.com/shema-music/shema/services/chat/internal/redisbus"
	"github.com/shema-music/shema/services/chat/internal/rest"
	"github.com/shema-music/shema/services/chat/internal/revocation"
	"github.com/shema-music/shema/services/chat/internal/socket"
	"github.com/shema-music/shema/services/chat/internal/store"
	"github.com/shema-music/shema/services/kit/service"
)

// drainTime is how long sockets may take to go when the service stops.
const drainTime = 5 * time.Second

// wire connects the parts of the chat service.
func wire(s *service.Service, c *Config) error {
	if err := c.check(); err != nil {
		return err
	}

	users, err := clients.NewUsers(s.Sidecar.Invoke(userAppID))
	if err != nil {
		return err
	}

	signIns, err := clients.NewSignIns(s.Sidecar.Invoke(authAppID))
	if err != nil {
		return err
	}

	kept, names, metrics := store.New(s.Pool, s.Events), chat.NewNames(users, s.Clock, s.Log), chat.NewMetrics()
	s.Server.Registry().MustRegister(metrics.Collectors()...)

	live, err := newHub(s, c, kept, names, signIns)
	if err != nil {
		return err
	}

	chats := chat.NewService(kept, live, users, names, metrics, s.Log)
	rest.Register(s.Server, chats)
	openDoor(s, c, chats, live, signIns)
	s.Cron(inbox.SweepTimer(chats))

	return s.Work(nil, nil)
}

// newHub connects the loops that bring messages. They end after the sockets have gone.
func newHub(s *service.Service, c *Config, kept *store.Store, names *chat.Names, signIns *clients.SignIns) (*hub.Hub, error) {
	bus, err := redisbus.Open(c.RedisURL, s.Log)
	if err != nil {
		return nil, err
	}

	live := hub.New(hub.Options{
		Store:      kept,
		Names:      names,
		Bus:        bus,
		Clock:      s.Clock,
		Log:        s.Log,
		PollEvery:  c.PollEvery,
		MaxSockets: c.MaxSockets,
	})
	guard := &revocation.Guard{
		Hub:     live,
		SignIns: signIns,
		Clock:   s.Clock,
		Log:     s.Log,
	}

	s.Server.Registry().MustRegister(live.Metrics(), bus)
	s.Go("hub", live.Run)
	s.Go("bus", func(ctx context.Context) { bus.Run(ctx, live) })
	s.Go("revocation", guard.Run)
	s.Server.OnStop(func() {
		ctx, cancel := context.WithTimeout(context.Background(), drainTime)
		defer cancel()

		live.Drain(ctx)
	})

	return live, nil
}

// openDoor lets WebSockets in.
func openDoor(s *service.Service, c *Config, chats *chat.Service, live *hub.Hub, signIns *clients.SignIns) {
	sockets := &socket.Server{
		Hub:     live,
		Chats:   chats,
		Clock:   s.Clock,
		Log:     s.Log,
		Metrics: socket.NewMetrics(),
		Limits:  c.limits(),
	}

	s.Server.Registry().MustRegister(sockets.Metrics.Collectors()...)
	rest.RegisterDoor(s.Server, &rest.Door{
		Chats:    chats,
		SignIns:  signIns,
		Verifier: s.Verifier,
		Sockets:  sockets,
		Log:      s.Log,
		Origins:  lower(c.CORSAllowedOrigins),
	})
}

func lower(origins []string) []string {
	lowered := make([]string, len(origins))
	for i, origin := range origins {
		lowered[i] = strings.ToLower(strings.TrimSpace(origin))
	}

	return lowered
}
