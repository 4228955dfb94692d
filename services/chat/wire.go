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

	bus, err := redisbus.Open(c.RedisURL, s.Log)
	if err != nil {
		return err
	}

	called := newClients(s)
	kept := store.New(s.Pool, s.Events, s.Clock)
	names := chat.NewNames(called.users, s.Clock, s.Log)
	live := hub.New(hub.Options{
		Store:         kept,
		Names:         names,
		Bus:           bus,
		Notifications: called.telling,
		Clock:         s.Clock,
		Log:           s.Log,
		PollEvery:     c.PollEvery,
		Limits:        c.personLimits(),
	})
	chats := newChats(s, c, chat.Options{
		Store: kept,
		Live:  live,
		Users: called.users,
		Names: names,
	})

	keepLive(s, live, bus, called.signIns)
	rest.Register(s.Server, chats)
	rest.RegisterConnect(s.Server, rest.ConnectOptions{
		Chats:    chats,
		SignIns:  called.signIns,
		Verifier: s.Verifier,
		Sockets:  newSockets(s, socket.Options{Hub: live, Chats: chats, Limits: c.limits()}),
		Origins:  lower(c.CORSAllowedOrigins),
	})

	return takeIn(s, kept, chats, called.telling)
}

// callees are the services that the chat calls.
type callees struct {
	users   *clients.Users
	signIns *clients.SignIns
	telling *clients.Telling
}

func newClients(s *service.Service) callees {
	return callees{
		users:   clients.NewUsers(s.Sidecar.Invoke(userAppID)),
		signIns: clients.NewSignIns(s.Sidecar.Invoke(authAppID)),
		telling: clients.NewTelling(s.Sidecar.Invoke(userAppID)),
	}
}

// newChats returns the domain on what o has of stores and clients.
func newChats(s *service.Service, c *Config, o chat.Options) *chat.Service {
	o.Metrics, o.Log, o.Keep = chat.NewMetrics(), s.Log, c.Retention
	s.Server.Registry().MustRegister(o.Metrics.Collectors()...)

	return chat.NewService(o)
}

// keepLive runs the loops that bring messages and end sockets. They end after the sockets have gone.
func keepLive(s *service.Service, live *hub.Hub, bus *redisbus.Bus, signIns hub.SignIns) {
	s.Server.Registry().MustRegister(live.Metrics(), bus)
	s.Go("hub", live.Run)
	s.Go("bus", func(ctx context.Context) { bus.Run(ctx, live) })
	s.Go("revocation", hub.NewRevocationWatch(live, signIns, s.Clock).Run)
	s.Server.OnStop(func() {
		ctx, cancel := context.WithTimeout(context.Background(), drainTime)
		defer cancel()

		live.Drain(ctx)
	})
}

// newSockets returns the server of WebSockets on what o has of the hub, the domain and limits.
func newSockets(s *service.Service, o socket.Options) *socket.Server {
	o.Metrics, o.Clock, o.Log = socket.NewMetrics(), s.Clock, s.Log
	s.Server.Registry().MustRegister(o.Metrics.Collectors()...)

	return socket.New(o)
}

// takeIn runs what comes by itself: timers, events, what the store has to announce, and jobs.
func takeIn(s *service.Service, kept *store.Store, chats *chat.Service, telling inbox.Telling) error {
	s.Cron(inbox.SweepTimer(chats))
	inbox.RegisterEvents(s.Server, s.Inbox(), kept, chats, s.Log)
	s.Go("announcer", announce.New(kept, s.Sidecar, s.Log).Run)

	return s.Work(inbox.Workers(kept, telling))
}

func lower(origins []string) []string {
	lowered := make([]string, len(origins))
	for i, origin := range origins {
		lowered[i] = strings.ToLower(strings.TrimSpace(origin))
	}

	return lowered
}
