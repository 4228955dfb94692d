// Package recommendationtest is a world in which recommendations can be tried: a real Postgres, and the other services in this
// process that are called through the real clients, tokens and middleware.
package recommendationtest

import (
	"log/slog"
	"net/http"
	"sync"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"

	"github.com/shema-music/shema/services/contracts/apps"
	"github.com/shema-music/shema/services/kit/auth"
	"github.com/shema-music/shema/services/kit/clock"
	"github.com/shema-music/shema/services/kit/config"
	"github.com/shema-music/shema/services/kit/dapr"
	"github.com/shema-music/shema/services/kit/httpserver"
	"github.com/shema-music/shema/services/kit/servertest"
	"github.com/shema-music/shema/services/recommendation/internal/clients"
	"github.com/shema-music/shema/services/recommendation/internal/recommendation"
	"github.com/shema-music/shema/services/recommendation/internal/store/storetest"
)

// AppID is our own app id; CourseID and UserID are those of the services we call.
const (
	AppID    = apps.Recommendation
	CourseID = apps.Course
	UserID   = apps.User
)

const (
	appToken = "app-token"
	secret   = "a-secret-of-at-least-thirty-two-bytes"
)

// World is one database with the services we call.
type World struct {
	*storetest.Database

	Courses         *Courses
	Users           *Users
	Metrics         *recommendation.Metrics
	Recommendations *recommendation.Service

	courses *clients.Courses
	users   *clients.Users
	network *network
}

// New returns a world of the test's own, in which the rules decide. The test runs in parallel to others.
func New(t *testing.T) *World {
	t.Helper()
	t.Parallel()
	w := &World{
		Database: storetest.New(t),
		Courses:  &Courses{},
		Users:    NewUsers(),
		Metrics:  recommendation.NewMetrics(),
	}
	w.network = &network{
		apps: map[string]http.Handler{CourseID: w.Courses.server(t), UserID: w.Users.server(t)}, broken: map[string]http.Handler{},
	}
	sidecar := w.network.sidecar(t)

	w.courses = clients.NewCourses(sidecar.Invoke(CourseID))
	w.users = clients.NewUsers(sidecar.Invoke(UserID))

	w.Recommendations = w.RankedBy(recommendation.Rules{})

	return w
}

// Erasures is the client by which erasures are reported.
func (w *World) Erasures() *clients.Users { return w.users }

// RankedBy returns the recommendations of this world as another ranker would order them.
func (w *World) RankedBy(ranker recommendation.Ranker) *recommendation.Service {
	return recommendation.NewService(recommendation.Options{
		Store:   w.Store,
		Courses: recommendation.NewMemory(w.courses, clock.System{}),
		Users:   w.users,
		Ranker:  ranker,
		Metrics: w.Metrics,
		Log:     slog.New(slog.DiscardHandler),
	})
}

// Break lets the handler answer all calls to the app from now on; nil mends it.
func (w *World) Break(appID string, by http.HandlerFunc) {
	w.network.mu.Lock()
	defer w.network.mu.Unlock()

	delete(w.network.broken, appID)

	if by != nil {
		w.network.broken[appID] = by
	}
}

// Down is what Dapr answers when the app is not there.
func Down(w http.ResponseWriter, _ *http.Request) {
	w.WriteHeader(http.StatusInternalServerError)
	_, _ = w.Write([]byte(`{"errorCode":"ERR_DIRECT_INVOKE","message":"failed to invoke"}`))
}

// Garbage is an answer that is cut off.
func Garbage(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "application/json")
	_, _ = w.Write([]byte(`{"items":[{"id":`))
}

// Refusing answers that we may not call.
func Refusing(w http.ResponseWriter, _ *http.Request) {
	w.WriteHeader(http.StatusForbidden)
	_, _ = w.Write([]byte(`{"error":"no","code":"AUTH_FORBIDDEN","details":{}}`))
}

// network stands in for the sidecars between us and the services we call.
type network struct {
	apps map[string]http.Handler

	mu     sync.Mutex
	broken map[string]http.Handler
}

// ServeHTTP brings a call to its app.
func (n *network) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	appID := r.Header.Get("Dapr-App-Id")

	n.mu.Lock()
	app := n.broken[appID]
	n.mu.Unlock()

	if app == nil {
		app = n.apps[appID]
	}

	r.Header.Set("Dapr-Api-Token", appToken)
	app.ServeHTTP(w, r)
}

// sidecar returns our sidecar's client; the network stands in for the sidecar.
func (n *network) sidecar(t *testing.T) *dapr.Sidecar {
	t.Helper()

	tokens, err := auth.NewServiceTokens(secret, AppID, clock.System{})
	must(t, err)

	return servertest.Sidecar(t, tokens, n)
}

// newServer returns a real server of an app for its document.
func newServer(t *testing.T, appID string, spec *openapi3.T, err error) *httpserver.Server {
	t.Helper()
	must(t, err)
	tokens, err := auth.NewServiceTokens(secret, appID, clock.System{})
	must(t, err)
	server, err := httpserver.New(httpserver.Options{
		Common:        config.Common{AppID: appID, AppAPIToken: appToken},
		Spec:          spec,
		ServiceTokens: tokens,
		Log:           slog.New(slog.DiscardHandler),
	})
	must(t, err)

	return server
}

func must(t *testing.T, err error) {
	t.Helper()

	if err != nil {
		t.Fatal(err)
	}
}
