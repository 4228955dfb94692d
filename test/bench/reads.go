package main

import (
	"fmt"
	"net/http"
	"time"

	"github.com/shema-music/shema/services/contracts/apps"
	"github.com/shema-music/shema/test/internal/insider"
)

const (
	hotConnections = 32
	hotTime        = 1500 * time.Millisecond
	hotRounds      = 3
	coldRate       = 200
	coldCount      = 1600
	coldGoal       = 40 * time.Millisecond
	freeSlots      = "/api/schedules/available"
)

// hot compares the gateway's answer from memory with an empty handler, and with the course service called directly.
// The three take turns, and the best turn of each counts: what else the machine does then hits all of them.
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

	contenders := []*contender{
		{name: "empty gin handler", url: bare},
		{name: "free slots, hot, through the gateway", url: b.Gateway + freeSlots, goal: 0.5},
		{
			name:   "the same, compressed",
			url:    b.Gateway + freeSlots,
			header: http.Header{"Accept-Encoding": {"gzip"}},
			goal:   0.5,
		},
		{
			name:   "free slots, hot, course service directly",
			url:    b.ServiceURL("course") + freeSlots,
			header: direct,
		},
	}
	for range hotRounds {
		for _, c := range contenders {
			f, err := floodOf(b.ctx, get(c.url, c.header), hotConnections, hotTime)
			if err != nil {
				return err
			}

			if f.rate > c.best.rate {
				c.best = f
			}
		}
	}

	for _, c := range contenders {
		f, share := c.best, c.best.rate/contenders[0].best.rate
		b.report.add(c.name, fmt.Sprintf("%.0f/s, p50 %s, p99 %s", f.rate, show(f.p50), show(f.p99)),
			fmt.Sprintf("%.2f of the empty handler", share)+atLeast(share, c.goal),
			metric{f.rate, "req/s"}, metric{share, "of-empty"}, metric{milliseconds(f.p99), "p99-ms"})
	}

	return nil
}

// contender is one of those that take turns.
type contender struct {
	name, url string
	header    http.Header
	goal      float64
	best      flood
}

// cold measures reads that pass both sidecars, with and without the cache of the course service, and the same service
// called directly.
func (b *bench) cold() error {
	env := map[string]map[string]string{"gateway": {"CACHE_TTL": "0"}}
	if err := b.Change(b.ctx, b.progress, env, nil); err != nil {
		return err
	}

	if err := b.coldRun("free slots, cold, through both sidecars", b.Gateway, nil, coldGoal); err != nil {
		return err
	}

	direct, err := b.direct()
	if err != nil {
		return err
	}

	if err := b.coldRun("the same, course service directly", b.ServiceURL("course"), direct, 0); err != nil {
		return err
	}

	if err := b.Change(b.ctx, b.progress, env, []string{"cache"}); err != nil {
		return err
	}

	if err := b.coldRun("free slots, cold, no course cache either", b.Gateway, nil, coldGoal); err != nil {
		return err
	}

	if direct, err = b.direct(); err != nil {
		return err
	}

	return b.coldRun("the same, course service directly, no cache", b.ServiceURL("course"), direct, 0)
}

// coldRun asks for pages of different lengths, so that equal requests are not answered together.
func (b *bench) coldRun(name, base string, header http.Header, goal time.Duration) error {
	page := func(i int) string { return fmt.Sprintf("%s%s?limit=%d", base, freeSlots, 1+i%40) }
	_ = steadyOf(50, 50, func(i int) target { return get(page(i), header) }) // connections, first entries

	s := steadyOf(coldRate, coldCount, func(i int) target { return get(page(i), header) })
	if err := s.all(http.StatusOK); err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}

	b.report.add(name, fmt.Sprintf("p50 %s, p99 %s at %d/s", show(s.p50), show(s.p99), coldRate),
		"max "+show(s.max)+atMost(s.p99, goal), s.metrics()...)

	return nil
}

// direct returns the headers with which the gateway's sidecar would call the course service.
func (b *bench) direct() (http.Header, error) {
	return b.calling(apps.Gateway, b.Secrets().AppTokens[apps.Course])
}

// calling returns the headers with which an app calls the course service, for a sidecar or an app that asks for this token.
func (b *bench) calling(caller, daprToken string) (http.Header, error) {
	token, err := insider.ServiceToken(b.Environment, caller, apps.Course)
	if err != nil {
		return nil, err
	}

	header := http.Header{}
	header.Set("dapr-api-token", daprToken)
	header.Set("X-Service-Token", token)

	return header, nil
}
