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

	asked := callNeighbours(s)
	kept := store.New(s.Pool, s.Events, s.Clock)
	names := chat.NewNames(asked.users, s.Clock, s.Log)
	live := hub.New(hub.Options{
		Store:         kept,
		Names:         names,
		Bus:           bus,
		Notifications: asked.telling,
		Clock:         s.Clock,
		Log:           s.Log,
		PollEvery:     c.PollEvery,
		Limits:        c.personLimits(),
	})
	chats := newChats(s, c, chat.Dependencies{
		Store: kept,
		Live:  live,
		Users: asked.users,
		Names: names,
	})

	keepLive(s, live, bus, asked.signIns)
	rest.Register(s.Server, chats)
	openDoor(s, c, chats, live, asked.signIns)

	return takeIn(s, kept, chats, asked.telling)
}

// neighbours are the services that the chat calls.
type neighbours struct {
	users   *clients.Users
	signIns *clients.SignIns
	telling *clients.Telling
}

func callNeighbours(s *service.Service) neighbours {
	return neighbours{
		users:   clients.NewUsers(s.Sidecar.Invoke(userAppID)),
		signIns: clients.NewSignIns(s.Sidecar.Invoke(authAppID)),
		telling: clients.NewTelling(s.Sidecar.Invoke(userAppID)),
	}
}

// newChats returns the domain on what d has of stores and neighbours.
func newChats(s *service.Service, c *Config, d chat.Dependencies) *chat.Service {
	d.Metrics, d.Log, d.Keep = chat.NewMetrics(), s.Log, c.Retention
	s.Server.Registry().MustRegister(d.Metrics.Collectors()...)

	return chat.NewService(d)
}

// keepLive runs the loops that bring messages and end sockets. They end after the sockets have gone.
func keepLive(s *service.Service, live *hub.Hub, bus *redisbus.Bus, signIns hub.SignIns) {
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

// takeIn runs what comes by itself: timers, events, what the store has to announce, and jobs.
func takeIn(s *service.Service, kept *store.Store, chats *chat.Service, telling inbox.Telling) error {
	s.Cron(inbox.SweepTimer(chats))
	inbox.RegisterEvents(s.Server, s.Inbox(), kept, chats, s.Log)
	s.Go("announcer", (&announce.Announcer{Store: kept, Broker: s.Sidecar, Log: s.Log}).Run)

	return s.Work(inbox.Workers(kept, telling), nil)
}

func lower(origins []string) []string {
	lowered := make([]string, len(origins))
	for i, origin := range origins {
		lowered[i] = strings.ToLower(strings.TrimSpace(origin))
	}

	return lowered
}
