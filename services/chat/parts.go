package main

import (
	"context"
	"log/slog"
	"slices"
	"strings"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/prometheus/client_golang/prometheus"
	"golang.org/x/sync/errgroup"

	"github.com/shema-music/shema/services/chat/internal/chat"
	"github.com/shema-music/shema/services/chat/internal/clients"
	"github.com/shema-music/shema/services/chat/internal/hub"
	"github.com/shema-music/shema/services/chat/internal/inbox"
	"github.com/shema-music/shema/services/chat/internal/redisbus"
	"github.com/shema-music/shema/services/chat/internal/rest"
	"github.com/shema-music/shema/services/chat/internal/revocation"
	"github.com/shema-music/shema/services/chat/internal/socket"
	"github.com/shema-music/shema/services/chat/internal/store"
	chathttp "github.com/shema-music/shema/services/contracts/chat/http"
	"github.com/shema-music/shema/services/kit/auth"
	"github.com/shema-music/shema/services/kit/clock"
	"github.com/shema-music/shema/services/kit/dapr"
	"github.com/shema-music/shema/services/kit/httpserver"
	"github.com/shema-music/shema/services/kit/outbox"
)

// drainTime is how long sockets may take to go when the service stops.
const drainTime = 5 * time.Second

// parts are what the service is made of.
type parts struct {
	sidecar *dapr.Sidecar
	jobs    *outbox.Outbox
	hub     *hub.Hub
	bus     *redisbus.Bus
	guard   *revocation.Guard
	server  *httpserver.Server
}

// background is everything that runs beside the server.
func (p *parts) background(ctx context.Context) {
	var loops errgroup.Group
	loops.Go(func() error { p.hub.Run(ctx); return nil })
	loops.Go(func() error { p.bus.Run(ctx, p.hub); return nil })
	loops.Go(func() error { p.guard.Run(ctx); return nil })
	_ = loops.Wait()
}

func build(c *Config, log *slog.Logger, pool *pgxpool.Pool) (*parts, error) {
	tokens, err := auth.NewServiceTokens(c.ServiceJWTSecret, appID, clock.System{})
	if err != nil {
		return nil, err
	}

	p := &parts{}
	if p.sidecar, err = dapr.NewSidecar(c.Common, tokens); err != nil {
		return nil, err
	}

	if p.bus, err = redisbus.Open(c.RedisURL, log); err != nil {
		return nil, err
	}

	if p.jobs, err = outbox.New(outbox.Options{
		Pool:    pool,
		Schema:  store.Schema,
		Log:     log,
		Publish: p.sidecar.Publish,
	}); err != nil {
		return nil, err
	}

	users, err := clients.NewUsers(p.sidecar.Invoke(userAppID))
	if err != nil {
		return nil, err
	}

	signIns, err := clients.NewSignIns(p.sidecar.Invoke(authAppID))
	if err != nil {
		return nil, err
	}

	kept, names, metrics := store.New(pool, p.jobs), chat.NewNames(users, clock.System{}, log), chat.NewMetrics()
	p.hub = hub.New(hub.Options{
		Store:      kept,
		Names:      names,
		Bus:        p.bus,
		Clock:      clock.System{},
		Log:        log,
		PollEvery:  c.PollEvery,
		MaxSockets: c.MaxSockets,
	})
	p.guard = &revocation.Guard{
		Hub:     p.hub,
		SignIns: signIns,
		Clock:   clock.System{},
		Log:     log,
	}
	chats := chat.NewService(kept, p.hub, users, names, metrics, log)

	return p, p.serve(c, log, pool, tokens, chats, signIns, metrics.Collectors())
}

// serve makes the server and puts all routes on it.
func (p *parts) serve(
	c *Config, log *slog.Logger, pool *pgxpool.Pool, tokens *auth.ServiceTokens, chats *chat.Service,
	signIns *clients.SignIns, own []prometheus.Collector,
) error {
	spec, err := chathttp.GetSpec()
	if err != nil {
		return err
	}

	verifier, err := auth.LoadJWKS(c.JWKSFile, auth.WithIssuer(c.JWTIssuer), auth.WithAudience(c.JWTAudience))
	if err != nil {
		return err
	}

	sockets := &socket.Server{
		Hub:     p.hub,
		Chats:   chats,
		Clock:   clock.System{},
		Log:     log,
		Metrics: socket.NewMetrics(),
		Limits:  c.limits(),
	}

	p.server, err = httpserver.New(httpserver.Options{
		Common:        c.Common,
		Spec:          spec,
		Log:           log,
		Verifier:      verifier,
		ServiceTokens: tokens,
		Ready:         pool.Ping,
		Collectors:    slices.Concat(own, sockets.Metrics.Collectors(), []prometheus.Collector{p.jobs, p.hub.Metrics(), p.bus}),
		OnStop:        []func(){p.drain},
	})
	if err != nil {
		return err
	}

	rest.Register(p.server, chats)
	rest.RegisterDoor(p.server, &rest.Door{
		Chats:    chats,
		SignIns:  signIns,
		Verifier: verifier,
		Sockets:  sockets,
		Log:      log,
		Origins:  lower(c.CORSAllowedOrigins),
	})
	inbox.RegisterSweep(p.server, chats, log)

	return nil
}

func (p *parts) drain() {
	ctx, cancel := context.WithTimeout(context.Background(), drainTime)
	defer cancel()

	p.hub.Drain(ctx)
}

func lower(origins []string) []string {
	lowered := make([]string, len(origins))
	for i, origin := range origins {
		lowered[i] = strings.ToLower(strings.TrimSpace(origin))
	}

	return lowered
}
