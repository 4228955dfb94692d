package chattest

import (
	"context"
	"net"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	"golang.org/x/sync/errgroup"

	"github.com/shema-music/shema/services/chat/internal/chat"
	"github.com/shema-music/shema/services/chat/internal/hub"
	"github.com/shema-music/shema/services/chat/internal/inbox"
	"github.com/shema-music/shema/services/chat/internal/redisbus"
	"github.com/shema-music/shema/services/chat/internal/rest"
	"github.com/shema-music/shema/services/chat/internal/socket"
	"github.com/shema-music/shema/services/chat/internal/store"
	"github.com/shema-music/shema/services/contracts/apps"
	chathttp "github.com/shema-music/shema/services/contracts/chat/http"
	"github.com/shema-music/shema/services/kit/auth"
	"github.com/shema-music/shema/services/kit/clock"
	"github.com/shema-music/shema/services/kit/httpserver"
	kitinbox "github.com/shema-music/shema/services/kit/inbox"
	"github.com/shema-music/shema/services/kit/servertest"
)

const appID = apps.Chat

// Keep is how long replicas keep closed sessions.
const Keep = 24 * time.Hour

// Settings are what replicas differ in.
type Settings struct {
	socket.Limits

	Person    hub.Limits
	PollEvery time.Duration
}

// Defaults are those of production, but for the poll, which is slow enough to show whether Redis does its work.
func Defaults() Settings {
	return Settings{
		Limits: socket.Limits{
			QueueBytes: 256 << 10,
			Hold:       100 * time.Millisecond,
			Settle:     50 * time.Millisecond,
		},
		Person: hub.Limits{
			Sockets:         50,
			FramesPerSecond: 1000,
			FrameBurst:      1000,
			BytesPerSecond:  16 << 20,
			ByteBurst:       16 << 20,
		},
		PollEvery: time.Second,
	}
}

// Replica is one chat service.
type Replica struct {
	Chats *chat.Service
	Hub   *hub.Hub

	world   *World
	network *network
	harness *servertest.Harness
	http    *httptest.Server
	stop    context.CancelFunc
	loops   *errgroup.Group
}

// Replica starts one more chat service, which stops with the test.
func (w *World) Replica(t testing.TB, change ...func(*Settings)) *Replica {
	t.Helper()

	settings := Defaults()
	for _, c := range change {
		c(&settings)
	}

	bus, err := redisbus.Open(w.Redis.URL(), w.log)
	must(t, err)

	names := chat.NewNames(w.Users, clock.System{}, w.log)
	r := &Replica{world: w, loops: &errgroup.Group{}}
	r.Hub = hub.New(hub.Options{
		Store:         w.Store,
		Names:         names,
		Bus:           bus,
		Notifications: w.Notifications,
		Clock:         clock.System{},
		Log:           w.log,
		PollEvery:     settings.PollEvery,
		Limits:        settings.Person,
	})
	r.Chats = chat.NewService(chat.Options{
		Store:   w.Store,
		Live:    r.Hub,
		Users:   w.Users,
		Names:   names,
		Metrics: w.Metrics,
		Log:     w.log,
		Keep:    Keep,
	})
	r.serve(t, settings)
	watch := hub.NewRevocationWatch(r.Hub, w.SignIns, clock.System{})
	ctx, cancel := context.WithCancel(context.Background())
	r.stop = cancel
	r.loops.Go(func() error { r.Hub.Run(ctx); return nil })
	r.loops.Go(func() error { bus.Run(ctx, r.Hub); return nil })
	r.loops.Go(func() error { watch.Run(ctx); return nil })
	t.Cleanup(r.Kill)

	return r
}

func (r *Replica) serve(t testing.TB, settings Settings) {
	t.Helper()

	w := r.world
	spec, err := chathttp.GetSpec()
	must(t, err)
	r.harness = servertest.NewWith(t, appID, w.keys, httpserver.Options{
		Spec:  spec,
		Log:   w.log,
		Ready: w.Pool.Ping,
	})
	server := r.harness.Server
	rest.Register(server, r.Chats)
	rest.RegisterConnect(server, rest.ConnectOptions{
		Chats:    r.Chats,
		SignIns:  w.SignIns,
		Verifier: w.keys.Verifier,
		Origins:  []string{Page},
		Sockets: socket.New(socket.Options{
			Hub:     r.Hub,
			Chats:   r.Chats,
			Clock:   clock.System{},
			Log:     w.log,
			Metrics: socket.NewMetrics(),
			Limits:  settings.Limits,
		}),
	})
	kitinbox.Cron(server, w.log, inbox.SweepTimer(r.Chats))
	box := kitinbox.New(kitinbox.Options{
		Pool:   w.Pool,
		Schema: store.Schema,
		Log:    w.log,
		Router: server,
	})
	inbox.RegisterEvents(server, box, w.Store, r.Chats, w.log)
	r.http = httptest.NewUnstartedServer(server.Handler())
	r.network = &network{Listener: r.http.Listener}
	r.http.Listener = r.network
	r.http.Start()
}

// URL is where clients connect.
func (r *Replica) URL() string {
	return "ws" + strings.TrimPrefix(r.http.URL, "http") + "/api/chat/connect"
}

// Stop stops the replica as SIGTERM does.
func (r *Replica) Stop() {
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()

	r.Hub.Drain(ctx)
	r.Kill()
}

// Kill ends the replica as a crash does: connections break off.
func (r *Replica) Kill() {
	r.stop()
	r.network.cut()
	r.http.Close()
	_ = r.loops.Wait()
}

// network is a listener whose connections can all be cut.
type network struct {
	net.Listener

	mu    sync.Mutex
	conns []net.Conn
}

// Accept implements net.Listener.
func (n *network) Accept() (net.Conn, error) {
	conn, err := n.Listener.Accept()
	if err == nil {
		n.mu.Lock()
		defer n.mu.Unlock()

		n.conns = append(n.conns, conn)
	}

	return conn, err
}

func (n *network) cut() {
	_ = n.Close()
	n.mu.Lock()
	defer n.mu.Unlock()

	for _, conn := range n.conns {
		_ = conn.Close()
	}
}

// Do sends an HTTP request as the gateway does, through the whole engine.
func (r *Replica) Do(t testing.TB, method, path string, as *auth.Principal) servertest.Response {
	t.Helper()
	return r.harness.Do(t, servertest.Request{Method: method, Path: path, As: as})
}

// Deliver delivers an event as the sidecar does, under an id of its own.
func (r *Replica) Deliver(t testing.TB, topic string, data any) servertest.Response {
	t.Helper()
	return r.harness.Deliver(t, topic, uuid.NewString(), data)
}
