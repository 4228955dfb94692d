package main

import (
	"context"
	"strings"
	"time"

	"github.com/shema-music/shema/services/chat/internal/announce"
	"github.com/shema-music/shema/services/chat/internal/chat"
	"github.com/shema-music/shema/services/chat/internal/clients"
	"github.com/shema-music/shema/services/chat/internal/hub"
	"github.com/shema-music/shema/services/chat/internal/inbox"
	"github.com/shema-music/shema/services/chat/internal/redisbus"
	"github.com/shema-music/shema/services/chat/internal/rest"
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

	users := clients.NewUsers(s.Sidecar.Invoke(userAppID))
	signIns := clients.NewSignIns(s.Sidecar.Invoke(authAppID))
	telling := clients.NewTelling(s.Sidecar.Invoke(userAppID))
	kept := store.New(s.Pool, s.Events, s.Clock)
	names, metrics := chat.NewNames(users, s.Clock, s.Log), chat.NewMetrics()
	s.Server.Registry().MustRegister(metrics.Collectors()...)

	live, err := newHub(s, c, hub.Options{Store: kept, Names: names, Notifications: telling}, signIns)
	if err != nil {
		return err
	}

	chats := chat.NewService(chat.Dependencies{
		Store:   kept,
		Live:    live,
		Users:   users,
		Names:   names,
		Metrics: metrics,
		Log:     s.Log,
		Keep:    c.Retention,
	})
	rest.Register(s.Server, chats)
	openDoor(s, c, chats, live, signIns)
	s.Cron(inbox.SweepTimer(chats))
	inbox.RegisterEvents(s.Server, s.Inbox(), kept, chats, s.Log)
	s.Go("announcer", (&announce.Announcer{Store: kept, Broker: s.Sidecar, Log: s.Log}).Run)

	return s.Work(inbox.Workers(kept, telling), nil)
}

// newHub connects the loops that bring messages. They end after the sockets have gone. The options have what the hub asks.
func newHub(s *service.Service, c *Config, o hub.Options, signIns hub.SignIns) (*hub.Hub, error) {
	bus, err := redisbus.Open(c.RedisURL, s.Log)
	if err != nil {
		return nil, err
	}

	o.Bus, o.Clock, o.Log = bus, s.Clock, s.Log
	o.PollEvery, o.Limits = c.PollEvery, c.personLimits()

	live := hub.New(o)
	watch := &hub.RevocationWatch{
		Hub:     live,
		SignIns: signIns,
		Clock:   s.Clock,
		Log:     s.Log,
	}

	s.Server.Registry().MustRegister(live.Metrics(), bus)
	s.Go("hub", live.Run)
	s.Go("bus", func(ctx context.Context) { bus.Run(ctx, live) })
	s.Go("revocation", watch.Run)
	s.Server.OnStop(func() {
		ctx, cancel := context.WithTimeout(context.Background(), drainTime)
		defer cancel()

		live.Drain(ctx)
	})

	return live, nil
}

// openDoor lets WebSockets in.
func openDoor(s *service.Service, c *Config, chats *chat.Service, live *hub.Hub, signIns hub.SignIns) {
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
