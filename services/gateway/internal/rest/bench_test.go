package rest_test

import (
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/gin-gonic/gin"

	"github.com/shema-music/shema/services/contracts/apps"
	"github.com/shema-music/shema/services/gateway/internal/rest"
	"github.com/shema-music/shema/services/kit/telemetry"
)

// BenchmarkAvailabilityAgainstEmptyHandler compares the hot public read with a gin handler that does nothing, both
// behind a real server on the loopback, in turns. The metric ratio is what the contract asks for: at least 0.5.
func BenchmarkAvailabilityAgainstEmptyHandler(b *testing.B) {
	gin.SetMode(gin.ReleaseMode)

	log := telemetry.NewLogger(io.Discard, apps.Gateway, slog.LevelInfo)
	w := newTestGateway(b, func(o *rest.Options) { o.Log, o.RequestsPerSecond = log, 1<<30 })

	const page = 20

	body := `{"items":[` + strings.TrimSuffix(strings.Repeat(slot+",", page), ",") + `],"next_cursor":null}`
	w.sidecar.set(func(s *sidecar) { s.answer = replies(http.StatusOK, body, "", "") })

	engine := gin.New()
	engine.GET("/api/schedules/available", func(c *gin.Context) { c.Status(http.StatusOK) })

	empty := httptest.NewServer(engine)
	defer empty.Close()

	b.ResetTimer()

	var hot, idle cost

	const turns = 10
	for range turns {
		idle.add(b, empty, b.N/turns+1)
		hot.add(b, w.gateway, b.N/turns+1)
	}

	b.ReportMetric(float64(b.N)/hot.wall.Seconds(), "hot/s")
	b.ReportMetric(float64(b.N)/idle.wall.Seconds(), "empty/s")
	b.ReportMetric(idle.wall.Seconds()/hot.wall.Seconds(), "ratio")
	// What other programs do on the machine at the same time disturbs this one less.
	b.ReportMetric(idle.cpu.Seconds()/hot.cpu.Seconds(), "cpu-ratio")
}

// cost is what requests have cost so far, client and server together.
type cost struct{ wall, cpu time.Duration }

func (c *cost) add(b *testing.B, server *httptest.Server, n int) {
	before := cpuTime(b)
	c.wall += load(b, server, n)
	c.cpu += cpuTime(b) - before
}

func cpuTime(b *testing.B) time.Duration {
	var usage syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &usage); err != nil {
		b.Fatal(err)
	}

	return time.Duration(usage.Utime.Nano() + usage.Stime.Nano())
}

const slot = `{"id":"0190d0c0-0000-7000-8000-000000000001","course_id":"0190d0c0-0000-7000-8000-000000000002",` +
	`"starts_at":"2027-01-04T09:00:00Z","ends_at":"2027-01-04T09:45:00Z","time_zone":"Asia/Jakarta","status":"available"}`

// load sends n requests over some connections and returns how long that took. The load generator runs on the same
// machine and is part of the price, for both alike.
func load(b *testing.B, server *httptest.Server, n int) time.Duration {
	const connections = 16

	client := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: connections, DisableCompression: true}}
	defer client.CloseIdleConnections()

	var left atomic.Int64
	left.Store(int64(n))

	var workers sync.WaitGroup

	started := time.Now()

	for range connections {
		workers.Go(func() {
			for left.Add(-1) >= 0 {
				if err := ask(client, server.URL+slots); err != nil {
					b.Error(err)
					return
				}
			}
		})
	}

	workers.Wait()

	return time.Since(started)
}

func ask(client *http.Client, url string) error {
	response, err := client.Get(url)
	if err != nil {
		return err
	}

	defer func() { _ = response.Body.Close() }()

	if _, err := io.Copy(io.Discard, response.Body); err != nil {
		return err
	}

	if response.StatusCode != http.StatusOK {
		return fmt.Errorf("answered %s", response.Status)
	}

	return nil
}

// BenchmarkHotRead counts the allocations of one hot read inside the server.
func BenchmarkHotRead(b *testing.B) {
	log := telemetry.NewLogger(io.Discard, apps.Gateway, slog.LevelInfo)
	w := newTestGateway(b, func(o *rest.Options) { o.Log, o.RequestsPerSecond = log, 1<<30 })
	handler := w.gateway.Config.Handler
	request := httptest.NewRequest(http.MethodGet, slots, http.NoBody)
	answer := &discard{header: http.Header{}}

	b.ReportAllocs()

	for b.Loop() {
		clear(answer.header)
		handler.ServeHTTP(answer, request)
	}
}

type discard struct{ header http.Header }

func (d *discard) Header() http.Header         { return d.header }
func (d *discard) Write(p []byte) (int, error) { return len(p), nil }
func (d *discard) WriteHeader(int)             {}
