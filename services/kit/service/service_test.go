package service

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/getkin/kin-openapi/openapi3"
	. "github.com/onsi/gomega"

	"github.com/shema-music/shema/services/kit/auth"
	"github.com/shema-music/shema/services/kit/config"
)

type settings struct{ config.Common }

const document = `{openapi: 3.1.0, info: {title: Test, version: "1"}, paths: {}}`

func spec() (*openapi3.T, error) { return openapi3.NewLoader().LoadFromData([]byte(document)) }

func newSettings(t *testing.T) *settings {
	t.Helper()
	g := NewWithT(t)

	_, set, err := auth.GenerateKey()
	g.Expect(err).NotTo(HaveOccurred())

	content, err := json.Marshal(set)
	g.Expect(err).NotTo(HaveOccurred())

	path := filepath.Join(t.TempDir(), "jwks.json")
	g.Expect(os.WriteFile(path, content, 0o600)).To(Succeed())

	return &settings{Common: config.Common{
		AppID:            "thing-service",
		ListenHost:       "127.0.0.1",
		Port:             freePort(t),
		MetricsPort:      freePort(t),
		AppAPIToken:      "app-token",
		ServiceJWTSecret: "a secret of at least thirty-two bytes",
		JWKSFile:         path,
		JWTIssuer:        "shema-auth",
		JWTAudience:      "shema",
		ShutdownTimeout:  time.Second,
	}}
}

func freePort(t *testing.T) int {
	t.Helper()

	l, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	NewWithT(t).Expect(err).NotTo(HaveOccurred())

	defer func() { _ = l.Close() }()

	address, _ := l.Addr().(*net.TCPAddr)

	return address.Port
}

// Parts start in their order before the first request, and end in reverse order after the last one.
func TestProgram_Serve_EndsPartsInReverseOrder(t *testing.T) {
	t.Parallel()
	g := NewWithT(t)
	c := newSettings(t)
	happened := make(chan string, 10)
	note := func(name string) Part {
		return Part{
			Name:  name,
			Start: func(context.Context) { happened <- "start " + name },
			Stop: func(context.Context) error {
				happened <- "stop " + name
				return errors.New("a part that fails does not keep the others from ending")
			},
		}
	}
	ctx, stop := context.WithCancel(t.Context())
	program := Program{
		AppID:    "thing-service",
		Settings: c,
		Spec:     spec,
		Wire: func(_ context.Context, s *Service) error {
			s.Add(note("first"))
			s.Add(note("second"))
			s.Server.OnStop(func() { happened <- "stop accepting" })

			return nil
		},
	}

	ended := make(chan error, 1)
	go func() { ended <- program.Serve(ctx, slog.New(slog.DiscardHandler)) }()

	g.Eventually(func() int { return status(t, c.Port) }).Should(Equal(http.StatusOK))
	stop()

	g.Eventually(ended).Should(Receive(BeNil()))
	close(happened)

	var order []string
	for step := range happened {
		order = append(order, step)
	}

	g.Expect(order).To(Equal([]string{"start first", "start second", "stop accepting", "stop second", "stop first"}))
}

func status(t *testing.T, port int) int {
	t.Helper()

	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://127.0.0.1:"+strconv.Itoa(port)+"/healthz", http.NoBody)
	NewWithT(t).Expect(err).NotTo(HaveOccurred())

	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		return 0
	}

	_, _ = io.Copy(io.Discard, answer.Body)
	_ = answer.Body.Close()

	return answer.StatusCode
}

// What cannot be wired ends the program at once, and nothing has been started.
func TestProgram_Serve_RefusesBadWiring(t *testing.T) {
	t.Parallel()
	g := NewWithT(t)
	broken := errors.New("no such neighbour")
	program := Program{
		AppID:    "thing-service",
		Settings: newSettings(t),
		Spec:     spec,
		Wire: func(_ context.Context, s *Service) error {
			s.Add(Part{Start: func(context.Context) { t.Error("a part was started") }})
			return broken
		},
	}

	g.Expect(program.Serve(t.Context(), slog.New(slog.DiscardHandler))).To(MatchError(broken))

	program.Spec, program.Wire = nil, func(context.Context, *Service) error { return nil }
	g.Expect(program.Serve(t.Context(), slog.New(slog.DiscardHandler))).To(MatchError(ContainSubstring("server")))
}

// A loop goes on when the process is told to stop, until its own stop, which waits for it.
func TestService_Go_IsWaitedFor(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		g := NewWithT(t)
		s := newService(config.Common{}, "", slog.New(slog.DiscardHandler))
		ended := false
		s.Go("loop", func(ctx context.Context) {
			<-ctx.Done()
			time.Sleep(time.Second) // its last work

			ended = true
		})
		ctx, cancel := context.WithCancel(t.Context())
		loop := s.parts[0]

		loop.Start(ctx)
		cancel()
		synctest.Wait()
		g.Expect(ended).To(BeFalse())

		impatient, done := context.WithTimeout(t.Context(), time.Millisecond)
		defer done()

		g.Expect(loop.Stop(impatient)).To(MatchError(context.DeadlineExceeded))

		g.Expect(loop.Stop(t.Context())).To(Succeed())
		g.Expect(ended).To(BeTrue())
	})
}

// A regular job first runs after one interval, also again after it has failed, and no more after the stop.
func TestService_Every_GoesOnAfterAFailure(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		g := NewWithT(t)
		s := newService(config.Common{}, "", slog.New(slog.DiscardHandler))

		var runs atomic.Int32

		s.Every("job", time.Minute, func(context.Context) error {
			runs.Add(1)

			return errors.New("the database is away")
		})

		s.parts[0].Start(t.Context())
		time.Sleep(time.Minute + time.Second)
		synctest.Wait()
		g.Expect(runs.Load()).To(BeEquivalentTo(1))

		time.Sleep(time.Minute)
		synctest.Wait()
		g.Expect(s.parts[0].Stop(t.Context())).To(Succeed())
		g.Expect(runs.Load()).To(BeEquivalentTo(2))
	})
}

// The service is ready if every check says so.
func TestService_Ready_AsksEveryCheck(t *testing.T) {
	t.Parallel()
	g := NewWithT(t)
	s := newService(config.Common{}, "", slog.New(slog.DiscardHandler))
	down := errors.New("down")

	g.Expect(s.ready(t.Context())).To(Succeed())

	s.Ready(func(context.Context) error { return nil })
	s.Ready(func(context.Context) error { return down })
	g.Expect(s.ready(t.Context())).To(MatchError(down))
}
