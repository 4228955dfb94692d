package platform

import (
	"context"
	"encoding/json"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	. "github.com/onsi/gomega"

	contract "github.com/shema-music/shema/services/contracts/apps"
)

// TestPlatform_Sidecars checks the files in components/ with real sidecars and a real
// Redis; the apps are stand-ins, so that they can fail as told.
func TestPlatform_Sidecars(t *testing.T) {
	g := NewWithT(t)
	suite := t
	p, err := Start(t.Context(), sidecarsOnly(t.TempDir()), t.Output())
	g.Expect(err).NotTo(HaveOccurred())

	t.Cleanup(func() { _ = p.Close() })

	course := standIn(t, p, "course")
	booking := standIn(t, p, "booking")
	awaitSidecar(g, p, "course")
	awaitSidecar(g, p, "booking")

	t.Run("an event reaches its subscriber with the app's token", func(t *testing.T) {
		g := NewWithT(t)
		publish(g, p, "booking", "booking.cancelled", "first")
		g.Eventually(course.seen("/dapr/events/booking.cancelled"), "10s").Should(ContainElement(ContainSubstring("first")))
		g.Expect(course.token()).To(Equal(p.Secrets().AppTokens[contract.Course]))
	})
	t.Run("a sidecar tells its app no secrets", func(t *testing.T) {
		g := NewWithT(t)

		status, _ := send(g, p, "booking", http.MethodGet, "/v1.0/secrets/kubernetes/shema-redis", "", nil)
		g.Expect(status).To(Equal(http.StatusForbidden))

		status, body := send(g, p, "booking", http.MethodGet, "/v1.0/secrets/kubernetes/bulk", "", nil)
		g.Expect(status).To(Equal(http.StatusOK))
		g.Expect(body).To(MatchJSON(`{}`))
	})
	t.Run("what fails again and again is retried and then filed away", func(t *testing.T) {
		g := NewWithT(t)

		course.refuse("poison")

		began := time.Now()

		publish(g, p, "booking", "booking.expired", "poison")
		g.Eventually(course.seen("/dapr/dead-letters"), "40s").Should(ContainElement(ContainSubstring("poison")))

		t.Logf("filed away after %s and %d attempts", time.Since(began), len(course.seen("/dapr/events/booking.expired")()))
		g.Expect(course.seen("/dapr/events/booking.expired")()).To(HaveLen(9))
	})
	t.Run("an app that is down gets its events when it is back", func(t *testing.T) {
		g := NewWithT(t)

		course.stop()
		publish(g, p, "booking", "booking.rejected", "while-down")
		g.Consistently(course.seen("/dapr/dead-letters"), "20s", "1s").ShouldNot(ContainElement(ContainSubstring("while-down")))

		course = standIn(suite, p, "course")
		began := time.Now()

		g.Eventually(course.seen("/dapr/events/booking.rejected"), "60s").Should(ContainElement(ContainSubstring("while-down")))

		t.Logf("delivered %s after the return", time.Since(began))
		awaitSidecar(g, p, "course")
	})
	t.Run("events flow again after Redis was gone", func(t *testing.T) {
		g := NewWithT(t)
		g.Expect(p.Stop("redis")).To(Succeed())

		began := time.Now()
		status, body := send(g, p, "booking", http.MethodPost, "/v1.0/publish/pubsub/booking.confirmed", "{}", nil)
		t.Logf("no Redis: %d %s after %s", status, body, time.Since(began))
		g.Expect(status).To(BeNumerically(">=", 500))
		g.Expect(time.Since(began)).To(BeNumerically("<", 4*time.Second))
		g.Expect(p.Start(t.Context(), "redis")).To(Succeed())
		g.Eventually(func() int {
			status, _ := send(g, p, "booking", http.MethodPost, "/v1.0/publish/pubsub/booking.confirmed", `{"id":"after-redis"}`, nil)
			return status
		}, "10s").Should(Equal(http.StatusNoContent))
		g.Eventually(course.seen("/dapr/events/booking.confirmed"), "10s").Should(ContainElement(ContainSubstring("after-redis")))
	})
	t.Run("a neighbour is called by name, once", func(t *testing.T) {
		g := NewWithT(t)
		awaitSidecar(g, p, "course")
		status, body := invoke(g, p, "booking", contract.Course, "/internal/echo?x=%C3%A9")
		g.Expect(status).To(Equal(http.StatusOK), body)
		g.Expect(course.seen("/internal/echo")()).To(HaveLen(1))
	})
	t.Run("a neighbour that is down is reported at once", func(t *testing.T) {
		g := NewWithT(t)

		course.stop()

		for range 3 {
			began := time.Now()
			status, body := invoke(g, p, "booking", contract.Course, "/internal/echo")
			t.Logf("app down: %d %s after %s", status, body, time.Since(began))
			g.Expect(status).To(BeNumerically(">=", 500))
			g.Expect(time.Since(began)).To(BeNumerically("<", 4500*time.Millisecond))
		}

		g.Expect(p.Kill(t.Context(), "course-dapr")).To(Succeed())
		g.Expect(p.Stop("course-dapr")).To(Succeed())

		began := time.Now()
		status, body := invoke(g, p, "booking", contract.Course, "/internal/echo")
		t.Logf("sidecar down: %d %s after %s", status, body, time.Since(began))
		g.Expect(status).To(BeNumerically(">=", 500))
		g.Expect(time.Since(began)).To(BeNumerically("<", 4500*time.Millisecond))
	})
	t.Run("the timer rings in the app", func(t *testing.T) {
		NewWithT(t).Eventually(booking.seen("/dapr/bindings/booking-expiry-sweep"), "65s").ShouldNot(BeEmpty())
	})
}

func sidecarsOnly(folder string) Options {
	without := make([]string, 0, 30)

	without = append(without,
		partPostgres, taskCluster, taskDatabase, partEtcd, partKubeAPIServer, taskResources, taskSamples, taskCatalogue,
		taskAdmin, partMail, "gateway-dapr", "auth-dapr", "user-dapr", "chat-dapr",
	)
	for _, a := range apps() {
		without = append(without, a.name, migration(a.name))
	}

	return Options{
		Dir:          folder,
		FreePorts:    true,
		WithoutBuild: true,
		Disposable:   true,
		Without:      without,
	}
}

// app stands in for a service: it remembers what it is sent, and refuses on demand.
type fakeApp struct {
	server *httptest.Server

	mu     sync.Mutex
	bodies map[string][]string
	poison string
	shown  string
}

func standIn(t *testing.T, p *Platform, name string) *fakeApp {
	t.Helper()

	a := &fakeApp{bodies: map[string][]string{}}
	where, err := url.Parse(p.ServiceURL(name))
	NewWithT(t).Expect(err).NotTo(HaveOccurred())
	listener, err := net.Listen("tcp", where.Host)
	NewWithT(t).Expect(err).NotTo(HaveOccurred())

	a.server = &httptest.Server{Listener: listener, Config: &http.Server{Handler: a}}
	a.server.Start()
	t.Cleanup(a.stop)

	return a
}

func (a *fakeApp) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)

	a.mu.Lock()
	defer a.mu.Unlock()

	if r.URL.Path == "/readyz" {
		return
	}

	a.bodies[r.URL.Path] = append(a.bodies[r.URL.Path], string(body))

	a.shown = r.Header.Get("Dapr-Api-Token")
	if a.poison != "" && strings.Contains(string(body), a.poison) && strings.HasPrefix(r.URL.Path, "/dapr/events/") {
		w.WriteHeader(http.StatusInternalServerError)
	}
}

func (a *fakeApp) stop() {
	a.server.CloseClientConnections()
	a.server.Close()
}

func (a *fakeApp) refuse(text string) {
	a.mu.Lock()
	defer a.mu.Unlock()

	a.poison = text
}

func (a *fakeApp) token() string {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.shown
}

func (a *fakeApp) seen(path string) func() []string {
	return func() []string {
		a.mu.Lock()
		defer a.mu.Unlock()
		return append([]string(nil), a.bodies[path]...)
	}
}

func awaitSidecar(g *WithT, p *Platform, name string) {
	for _, i := range p.instances {
		if i.name() == name {
			g.Eventually(func() error { return p.throughSidecar(i)(context.Background()) }, "20s").Should(Succeed())
		}
	}
}

func publish(g *WithT, p *Platform, from, topic, id string) {
	data, err := json.Marshal(map[string]string{"id": id})
	g.Expect(err).NotTo(HaveOccurred())
	status, body := send(g, p, from, http.MethodPost, "/v1.0/publish/pubsub/"+topic, string(data), nil)
	g.Expect(status).To(Equal(http.StatusNoContent), body)
}

func invoke(g *WithT, p *Platform, from, appID, path string) (status int, body string) {
	return send(g, p, from, http.MethodPost, path, "{}", map[string]string{"dapr-app-id": appID})
}

func send(g *WithT, p *Platform, from, method, path, body string, headers map[string]string) (status int, answer string) {
	request, err := http.NewRequest(method, p.SidecarURL(from)+path, strings.NewReader(body))
	g.Expect(err).NotTo(HaveOccurred())

	request.Header.Set("Content-Type", "application/json")
	request.Header.Set("Dapr-Api-Token", p.Secrets().DaprTokens[from+"-service"])

	for name, value := range headers {
		request.Header.Set(name, value)
	}

	response, err := http.DefaultClient.Do(request)
	g.Expect(err).NotTo(HaveOccurred())

	defer func() { _ = response.Body.Close() }()

	data, err := io.ReadAll(response.Body)
	g.Expect(err).NotTo(HaveOccurred())

	return response.StatusCode, string(data)
}
