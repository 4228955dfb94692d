package main

import (
	"encoding/json"
	"fmt"
	"net/http"
	"time"

	"github.com/shema-music/shema/services/contracts/apps"
)

const (
	callConnections = 8
	callTime        = 3 * time.Second
	callRounds      = 3
	callSlots       = 200
)

// sidecars measures what the sidecars of caller and callee take for calls of each size, against the same calls straight to
// the app. The callee answers both alike, from Postgres.
func (b *bench) sidecars() error {
	l, err := b.course(callSlots)
	if err != nil {
		return err
	}

	short, long := map[string][]string{"slot_ids": l.slots[:1]}, map[string][]string{"slot_ids": l.slots}

	for _, call := range []struct {
		name     string
		question map[string][]string
	}{{"a short question and answer", short}, {"a long question and answer", long}} {
		if err := b.callBothWays(call.name, call.question); err != nil {
			return err
		}
	}

	return nil
}

// callBothWays asks one question directly and over the sidecars, by turns.
func (b *bench) callBothWays(name string, question map[string][]string) error {
	const path = "/internal/catalog/lookup"

	body, err := json.Marshal(question)
	if err != nil {
		return err
	}

	toApp, err := b.calling(apps.Booking, b.Secrets().AppTokens[apps.Course])
	if err != nil {
		return err
	}

	toSidecar, err := b.calling(apps.Booking, b.Secrets().DaprTokens[apps.Booking])
	if err != nil {
		return err
	}

	ways := []*wayOfCall{
		{name: "direct", to: target{Method: http.MethodPost, URL: b.ServiceURL("course") + path, Header: toApp, Body: body}},
		{name: "over two sidecars", to: target{
			Method: http.MethodPost,
			URL:    b.SidecarURL("booking") + "/v1.0/invoke/" + apps.Course + "/method" + path,
			Header: toSidecar,
			Body:   body,
		}},
	}
	for range callRounds {
		for _, w := range ways {
			if err := b.callBy(w); err != nil {
				return fmt.Errorf("%s, %s: %w", name, w.name, err)
			}
		}
	}

	for _, w := range ways {
		f := w.best
		b.report.add(name+", "+w.name, fmt.Sprintf("%.0f/s, p50 %s, p99 %s", f.rate, show(f.p50), show(f.p99)),
			fmt.Sprintf("CPU a call: app %.2f ms, sidecars %.2f ms", w.app, w.sidecars),
			metric{f.rate, "req/s"}, metric{milliseconds(f.p99), "p99-ms"}, metric{w.sidecars, "sidecar-ms"})
	}

	return nil
}

// wayOfCall is one way to ask, the best round on it, and the processor time of a call then, in milliseconds.
type wayOfCall struct {
	name          string
	to            target
	best          flood
	app, sidecars float64
}

func (b *bench) callBy(w *wayOfCall) error {
	before, err := b.usage()
	if err != nil {
		return err
	}

	f, err := floodOf(b.ctx, w.to, callConnections, callTime)
	if err != nil {
		return err
	}

	after, err := b.usage()
	if err != nil || f.rate <= w.best.rate {
		return err
	}

	each := func(programs ...string) (sum float64) {
		for _, name := range programs {
			sum += milliseconds(after[name]-before[name]) / float64(f.answers)
		}

		return sum
	}
	w.best, w.app, w.sidecars = f, each("course"), each("booking-dapr", "course-dapr")

	return nil
}
