// Package chattest is a world in which conversations can be tried: a real Postgres, a real Redis, several replicas of
// the chat with their real servers in one process, and clients that speak WebSocket with them.
package chattest

import (
	"bytes"
	"log/slog"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/shema-music/shema/services/chat/internal/chat"
	"github.com/shema-music/shema/services/chat/internal/hub"
	"github.com/shema-music/shema/services/chat/internal/store/storetest"
	"github.com/shema-music/shema/services/kit/auth"
	"github.com/shema-music/shema/services/kit/redistest"
	"github.com/shema-music/shema/services/kit/servertest"
)

// Page is the web page that may connect.
const Page = "http://localhost:5173"

// World is one database and one Redis for several replicas.
type World struct {
	*storetest.Database

	Redis         *redistest.Redis
	Users         *Users
	SignIns       *SignIns
	Notifications *Notifications
	Metrics       *chat.Metrics
	keys          servertest.Keys
	log           *slog.Logger
}

// New returns a world of the test's own. The test runs in parallel to others.
func New(t *testing.T) *World {
	t.Helper()
	t.Parallel()
	return NewWorld(t)
}

// NewWorld is New for tests that run alone.
func NewWorld(t testing.TB) *World {
	t.Helper()

	return &World{
		Database:      storetest.New(t),
		Redis:         redistest.Start(t),
		Users:         &Users{},
		SignIns:       &SignIns{},
		Notifications: &Notifications{},
		Metrics:       chat.NewMetrics(),
		keys:          servertest.NewKeys(t),
		log:           slog.New(slog.DiscardHandler),
	}
}

// Person returns a person with a name who has just signed in.
func (w *World) Person(role auth.Role, name string) auth.Principal {
	p := auth.Principal{
		UserID:    uuid.New(),
		SessionID: uuid.New(),
		Role:      role,
		ExpiresAt: time.Now().Add(auth.AccessTokenTTL).Truncate(time.Second),
	}
	w.Users.Add(p.UserID, name)
	w.SignIns.Open(SignInOf(p))

	return p
}

// Elsewhere returns the same person, who has signed in once more.
func (w *World) Elsewhere(p auth.Principal) auth.Principal {
	p.SessionID = uuid.New()
	w.SignIns.Open(SignInOf(p))

	return p
}

// SignInOf returns the sign-in that a person's token is of.
func SignInOf(p auth.Principal) hub.SignIn {
	return hub.SignIn{UserID: p.UserID, SessionID: p.SessionID}
}

// Active returns how many sessions are open.
func (w *World) Active(t testing.TB) int {
	t.Helper()
	count, err := w.Store.Count(t.Context())
	must(t, err)

	return int(count.Active)
}

// Log is what replicas have logged.
type Log struct {
	mu   sync.Mutex
	text bytes.Buffer
}

// Write implements io.Writer.
func (l *Log) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(p)
}

// String returns everything so far.
func (l *Log) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}

// KeepLog keeps what replicas log that are started from now on, at all levels.
func (w *World) KeepLog() *Log {
	log := &Log{}
	w.log = slog.New(slog.NewJSONHandler(log, &slog.HandlerOptions{Level: slog.LevelDebug}))
	return log
}

// Token returns the person's access token.
func (w *World) Token(t testing.TB, p auth.Principal) string {
	t.Helper()

	token, err := w.keys.Signer.Sign(p)
	must(t, err)

	return token
}

func must(t testing.TB, err error) {
	t.Helper()

	if err != nil {
		t.Fatal(err)
	}
}
