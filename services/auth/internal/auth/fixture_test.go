package auth_test

import (
	"context"
	"fmt"
	"log/slog"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5/pgxpool"
	. "github.com/onsi/gomega"
	"golang.org/x/crypto/bcrypt"

	"github.com/shema-music/shema/services/auth/internal/auth"
	"github.com/shema-music/shema/services/auth/internal/authtest"
	"github.com/shema-music/shema/services/auth/internal/sessions"
	"github.com/shema-music/shema/services/auth/internal/store"
	"github.com/shema-music/shema/services/auth/migrations"
	autherrs "github.com/shema-music/shema/services/contracts/auth/errs"
	kitauth "github.com/shema-music/shema/services/kit/auth"
	"github.com/shema-music/shema/services/kit/clock"
	"github.com/shema-music/shema/services/kit/pgtest"
)

const (
	address  = "siti@example.com"
	password = "Gamelan-di-sore-hari"
)

var (
	home   = auth.Client{IP: "203.0.113.7", UserAgent: "browser", RequestID: "request-1"}
	abroad = auth.Client{IP: "198.51.100.9", UserAgent: "other"}
)

// counter counts the passwords that are looked at, and lets a test hold one up.
type counter struct {
	auth.Passwords

	checks atomic.Int64
	during func()
}

func (c *counter) Matches(ctx context.Context, hash, given string) (bool, error) {
	c.checks.Add(1)

	if c.during != nil {
		c.during()
	}

	return c.Passwords.Matches(ctx, hash, given)
}

type stubSigner struct{}

func (stubSigner) Sign(p kitauth.Principal) (string, error) {
	return fmt.Sprintf("%s %s %s", p.UserID, p.SessionID, p.Role), nil
}

type fixture struct {
	*auth.Service

	options   auth.Options
	pool      *pgxpool.Pool
	clock     *clock.Fake
	state     *authtest.State
	accounts  *authtest.Accounts
	jobs      *authtest.Jobs
	passwords *counter
}

func setUp(t *testing.T) *fixture {
	t.Helper()
	t.Parallel()
	g := NewWithT(t)
	hasher, err := auth.NewBcrypt(bcrypt.MinCost)
	g.Expect(err).NotTo(HaveOccurred())

	tokens, err := auth.NewTokens(strings.Repeat("k", 32))
	g.Expect(err).NotTo(HaveOccurred())

	f := &fixture{
		clock:     clock.NewFake(time.Date(2026, 12, 1, 3, 0, 0, 0, time.UTC)),
		passwords: &counter{Passwords: hasher},
		jobs:      &authtest.Jobs{},
	}
	f.pool = pgtest.New(t, pgtest.Schema{Name: "auth", Role: "auth_service", Migrations: migrations.Files})
	f.state, f.accounts = authtest.NewState(f.clock), authtest.NewAccounts(f.clock)
	kept := store.New(f.pool, f.jobs)
	f.options = auth.Options{
		Accounts:  f.accounts,
		Documents: sessions.New(f.state),
		Attempts:  kept,
		Audit:     kept,
		Endings:   kept,
		Mails:     kept,
		Jobs:      kept,
		Passwords: f.passwords,
		Tokens:    tokens,
		Signer:    stubSigner{},
		Clock:     f.clock,
		Log:       slog.New(slog.DiscardHandler),
	}
	f.Service = auth.NewService(f.options)

	return f
}

func (f *fixture) register(t *testing.T) *auth.Grant {
	t.Helper()
	g, err := f.Register(t.Context(), &auth.Registration{
		Profile: auth.NewAccount{Email: address, FullName: "Siti"}, Password: password,
	}, home)
	NewWithT(t).Expect(err).NotTo(HaveOccurred())

	return g
}

func (f *fixture) login(t *testing.T, c auth.Client) *auth.Grant {
	t.Helper()
	g, err := f.Login(t.Context(), address, password, c)
	NewWithT(t).Expect(err).NotTo(HaveOccurred())

	return g
}

// principal reads what the stub signer wrote.
func principal(t *testing.T, g *auth.Grant) kitauth.Principal {
	t.Helper()

	var user, session, role string

	_, err := fmt.Sscan(g.AccessToken, &user, &session, &role)
	NewWithT(t).Expect(err).NotTo(HaveOccurred())

	return kitauth.Principal{
		UserID:    uuid.MustParse(user),
		SessionID: uuid.MustParse(session),
		Role:      kitauth.Role(role),
	}
}

// open reports whether the grant's access token would be let through.
func (f *fixture) open(t *testing.T, g *auth.Grant) bool {
	t.Helper()
	p := principal(t, g)

	err := f.CheckSession(t.Context(), p.UserID, p.SessionID)
	if err != nil {
		NewWithT(t).Expect(err).To(MatchError(autherrs.SessionNotFound))
	}

	return err == nil
}

func (f *fixture) auditLog(t *testing.T) []string {
	t.Helper()

	var events []string

	err := f.pool.QueryRow(t.Context(), "SELECT coalesce(array_agg(event ORDER BY at, id), '{}') FROM auth.audit_log").Scan(&events)
	NewWithT(t).Expect(err).NotTo(HaveOccurred())

	return events
}

// pass lets the database's memory of guesses grow older.
func (f *fixture) pass(t *testing.T, d time.Duration) {
	t.Helper()

	for _, sql := range []string{
		"UPDATE auth.login_attempts SET at = at - $1::interval",
		"UPDATE auth.login_locks SET until = until - $1::interval",
		"UPDATE auth.known_networks SET last_login_at = last_login_at - $1::interval",
	} {
		_, err := f.pool.Exec(t.Context(), sql, d)
		NewWithT(t).Expect(err).NotTo(HaveOccurred())
	}
}
