package main

import (
	"fmt"
	"net/http"
	"time"

	"github.com/shema-music/shema/services/kit/auth"
	"github.com/shema-music/shema/services/kit/clock"
)

const (
	hotConnections = 32
	hotTime        = 4 * time.Second
	coldRate       = 200
	coldCount      = 1600
	freeSlots      = "/api/schedules/available"
)

// hot compares the gateway's answer from memory with an empty handler, and with the course service called directly.
func (b *bench) hot() error {
	if _, err := b.course(40); err != nil {
		return err
	}
	bare, stop, err := startBare(b.ctx)
	if err != nil {
		return err
	}
	defer stop()
	direct, err := b.direct()
	if err != nil {
		return err
	}
	targets := []struct {
		name, url string
		header    http.Header
	}{
		{"empty gin handler", bare, nil},
		{"free slots, hot, through the gateway", b.Gateway + freeSlots, nil},
		{"free slots, hot, course service directly", b.ServiceURL("course") + freeSlots, direct},
	}
	var empty float64
	for _, t := range targets {
		if _, err := floodOf(b.ctx, t.url, t.header, hotConnections, hotTime/4); err != nil { // warm up
			return err
		}
		f, err := floodOf(b.ctx, t.url, t.header, hotConnections, hotTime)
		if err != nil {
			return err
		}
		if empty == 0 {
			empty = f.rate
		}
		b.report.add(t.name, fmt.Sprintf("%.0f/s, p50 %s, p99 %s", f.rate, show(f.p50), show(f.p99)),
			fmt.Sprintf("%.2f of the empty handler", f.rate/empty),
			metric{f.rate, "req/s"}, metric{f.rate / empty, "of-empty"}, metric{milliseconds(f.p99), "p99-ms"})
	}
	return nil
}

// cold measures reads that pass both sidecars, with and without the cache of the course service, and the same service
// called directly.
func (b *bench) cold() error {
	env := map[string]map[string]string{"gateway": {"CACHE_TTL": "0"}}
	if err := b.Change(b.ctx, b.progress, env, nil); err != nil {
		return err
	}
	if err := b.coldRun("free slots, cold, through both sidecars", b.Gateway, nil); err != nil {
		return err
	}
	direct, err := b.direct()
	if err != nil {
		return err
	}
	if err := b.coldRun("the same, course service directly", b.ServiceURL("course"), direct); err != nil {
		return err
	}
	if err := b.Change(b.ctx, b.progress, env, []string{"cache"}); err != nil {
		return err
	}
	if err := b.coldRun("free slots, cold, no course cache either", b.Gateway, nil); err != nil {
		return err
	}
	if direct, err = b.direct(); err != nil {
		return err
	}
	return b.coldRun("the same, course service directly, no cache", b.ServiceURL("course"), direct)
}

// coldRun asks for pages of different lengths, so that equal requests are not answered together.
func (b *bench) coldRun(name, base string, header http.Header) error {
	page := func(i int) string { return fmt.Sprintf("%s%s?limit=%d", base, freeSlots, 1+i%40) }
	_ = steadyOf(50, 50, func(i int) target { return get(page(i), header) }) // connections, first entries
	s := steadyOf(coldRate, coldCount, func(i int) target { return get(page(i), header) })
	if err := s.all(http.StatusOK); err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	b.report.add(name, fmt.Sprintf("p50 %s, p99 %s at %d/s", show(s.p50), show(s.p99), coldRate),
		fmt.Sprintf("max %s", show(s.max)), s.metrics()...)
	return nil
}

// direct returns the headers with which the gateway's sidecar would call the course service.
func (b *bench) direct() (http.Header, error) {
	secrets := b.Secrets()
	tokens, err := auth.NewServiceTokens(secrets.ServiceJWTSecret, "api-gateway", clock.System{})
	if err != nil {
		return nil, err
	}
	token, err := tokens.Mint("course-service")
	if err != nil {
		return nil, err
	}
	header := http.Header{}
	header.Set("dapr-api-token", secrets.AppTokens["course-service"])
	header.Set("X-Service-Token", token)
	return header, nil
}
