// Package bookingtest is a world in which bookings can be tried: a real Postgres, and the other services in this process, which
// are called through the real clients, tokens and middleware, over a network that loses and doubles what it is told to.
package bookingtest

import (
	"log/slog"
	"testing"
	"time"

	"github.com/getkin/kin-openapi/openapi3"

	"github.com/shema-music/shema/services/booking/internal/booking"
	"github.com/shema-music/shema/services/booking/internal/clients"
	"github.com/shema-music/shema/services/booking/internal/store/storetest"
	"github.com/shema-music/shema/services/contracts/apps"
	"github.com/shema-music/shema/services/kit/auth"
	"github.com/shema-music/shema/services/kit/clock"
	"github.com/shema-music/shema/services/kit/config"
	"github.com/shema-music/shema/services/kit/dapr"
	"github.com/shema-music/shema/services/kit/httpserver"
	"github.com/shema-music/shema/services/kit/servertest"
)

// AppID is our own app id, GatewayID our caller's; CourseID and UserID are those of the services we call.
const (
	AppID     = apps.Booking
	GatewayID = apps.Gateway
	CourseID  = apps.Course
	UserID    = apps.User
)

// AppToken is what every sidecar of the world sends its app, Secret what the services' tokens are signed with.
const (
	AppToken = "app-token"
	Secret   = "a-secret-of-at-least-thirty-two-bytes"
)

// World is one database with the services we call.
type World struct {
	*storetest.Database

	Courses  *Courses
	Users    *Users
	Network  *Network
	Metrics  *booking.Metrics
	Bookings *booking.Service

	courses *clients.Courses
	people  *clients.Users
}

// Timings are short where a test waits for their end, and long where only a busy machine would reach it.
func Timings() booking.Timings {
	t := booking.DefaultTimings()
	t.Create, t.Call, t.Lookup, t.Cleanup = time.Minute, time.Minute, time.Minute, time.Minute
	t.Patience, t.Poll = 100*time.Millisecond, 5*time.Millisecond

	return t
}

// Impatient are Timings for services that hang.
func Impatient() booking.Timings {
	t := Timings()
	t.Call, t.Lookup = 200*time.Millisecond, 200*time.Millisecond
	return t
}

// New returns a world of the test's own. The test runs in parallel to others.
func New(t *testing.T) *World {
	t.Helper()
	t.Parallel()
	w := &World{
		Database: storetest.New(t),
		Courses:  NewCourses(),
		Users:    NewUsers(),
		Metrics:  booking.NewMetrics(),
	}
	w.Network = newNetwork(map[string]app{CourseID: w.Courses.server(t), UserID: w.Users.server(t)})
	sidecar := w.Network.sidecar(t)

	w.courses = clients.NewCourses(sidecar.Invoke(CourseID))
	w.people = clients.NewUsers(sidecar.Invoke(UserID))

	w.Bookings = w.Replica(Timings())

	return w
}

// Replica returns one more booking service on the same database.
func (w *World) Replica(t booking.Timings) *booking.Service {
	return booking.NewService(w.Options(t))
}

// Options are what Replica is made of, for tests that replace one.
func (w *World) Options(t booking.Timings) booking.Options {
	return booking.Options{
		Store:   w.Store,
		Courses: w.courses,
		Users:   w.people,
		Metrics: w.Metrics,
		Log:     slog.New(slog.DiscardHandler),
		Timings: t,
	}
}

// CourseClient is how bookings call the course service.
func (w *World) CourseClient() booking.Courses { return w.courses }

// NewServer returns a real server of an app for its document.
func NewServer(t *testing.T, appID string, spec *openapi3.T, verifier *auth.Verifier) *httpserver.Server {
	t.Helper()

	tokens, err := auth.NewServiceTokens(Secret, appID, clock.System{})
	must(t, err)
	server, err := httpserver.New(httpserver.Options{
		Common:        config.Common{AppID: appID, AppAPIToken: AppToken},
		Spec:          spec,
		Verifier:      verifier,
		ServiceTokens: tokens,
		Log:           slog.New(slog.DiscardHandler),
	})
	must(t, err)

	return server
}

// sidecar returns our sidecar's client; the network stands in for the sidecar.
func (n *Network) sidecar(t *testing.T) *dapr.Sidecar {
	t.Helper()

	tokens, err := auth.NewServiceTokens(Secret, AppID, clock.System{})
	must(t, err)

	return servertest.Sidecar(t, tokens, n)
}

func must(t *testing.T, err error) {
	t.Helper()

	if err != nil {
		t.Fatal(err)
	}
}
