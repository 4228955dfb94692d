package service

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"runtime/debug"
	"slices"

	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/shema-music/shema/services/contracts/apps"
	"github.com/shema-music/shema/services/kit/auth"
	"github.com/shema-music/shema/services/kit/clock"
	"github.com/shema-music/shema/services/kit/config"
	"github.com/shema-music/shema/services/kit/dapr"
	"github.com/shema-music/shema/services/kit/httpserver"
	"github.com/shema-music/shema/services/kit/inbox"
	"github.com/shema-music/shema/services/kit/outbox"
	"github.com/shema-music/shema/services/kit/postgres"
)

// Service is what every service has. Its fields are open when Program.Wire runs.
type Service struct {
	Common   config.Common
	Log      *slog.Logger
	Clock    clock.Clock
	Tokens   *auth.ServiceTokens
	Verifier *auth.Verifier
	Sidecar  *dapr.Sidecar
	// Server answers requests. It is nil in programs without a Spec until they set it.
	Server *httpserver.Server

	// Pool and Events are nil in programs without a database. Events puts events and jobs into the outbox; Work works it.
	Pool   *pgxpool.Pool
	Events *outbox.Inserter
	// Listens is for services into whose outbox another program puts events; set it before Work.
	Listens bool

	// Schema is where the service's tables are.
	Schema string

	inbox  *inbox.Inbox
	checks []func(context.Context) error
	parts  []Part
	// closers are what was opened, first opened first.
	closers []func()
}

func newService(c config.Common, schema string, log *slog.Logger) *Service {
	return &Service{
		Common: c,
		Log:    log,
		Clock:  clock.System{},
		Schema: schema,
	}
}

// open makes everything that services share. Nothing here waits for another program: a service starts before its database
// and its sidecar.
func (s *Service) open(ctx context.Context, p Program) error {
	if err := s.openIdentity(); err != nil {
		return err
	}

	if s.Schema != "" {
		if err := s.openDatabase(ctx); err != nil {
			return err
		}
	}

	if p.Spec == nil {
		return nil
	}

	return s.openServer(p)
}

func (s *Service) openIdentity() (err error) {
	c := s.Common

	if s.Tokens, err = auth.NewServiceTokens(c.ServiceJWTSecret, c.AppID, s.Clock); err != nil {
		return err
	}

	s.Verifier, err = auth.LoadJWKS(c.JWKSFile, auth.WithIssuer(c.JWTIssuer), auth.WithAudience(c.JWTAudience))
	if err != nil {
		return err
	}

	if s.Sidecar, err = dapr.NewSidecar(c, s.Tokens); err != nil {
		return err
	}

	s.closers = append(s.closers, s.Sidecar.Close)

	return nil
}

func (s *Service) openDatabase(ctx context.Context) (err error) {
	connections := apps.Get(s.Common.AppID).Connections
	if s.Pool, err = postgres.Open(ctx, s.Common.DatabaseURL, postgres.WithMaxConns(connections)); err != nil {
		return err
	}

	s.closers = append(s.closers, s.Pool.Close)
	s.Ready(func(ctx context.Context) error { return postgres.Writable(ctx, s.Pool, s.Schema) })

	s.Events, err = outbox.NewInserter(s.Pool, s.Schema, s.Log)

	return err
}

func (s *Service) openServer(p Program) error {
	document, err := p.Spec()
	if err != nil {
		return fmt.Errorf("read the OpenAPI document: %w", err)
	}

	options := httpserver.Options{
		Common:        s.Common,
		Spec:          document,
		Log:           s.Log,
		Verifier:      s.Verifier,
		ServiceTokens: s.Tokens,
		Ready:         s.ready,
		Clock:         s.Clock,
	}
	if p.Server != nil {
		p.Server(&options)
	}

	if s.Server, err = httpserver.New(options); err != nil {
		return err
	}

	debug.FreeOSMemory() // reading the document made more garbage than serving ever will

	return nil
}

// Ready adds a check to /readyz: the service can do its work if all of them return nil.
func (s *Service) Ready(check func(context.Context) error) { s.checks = append(s.checks, check) }

func (s *Service) ready(ctx context.Context) error {
	failures := make([]error, 0, len(s.checks))
	for _, check := range s.checks {
		failures = append(failures, check(ctx))
	}

	return errors.Join(failures...)
}

func (s *Service) closeAll() {
	for _, closeOne := range slices.Backward(s.closers) {
		closeOne()
	}
}
