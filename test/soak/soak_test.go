package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	. "github.com/onsi/gomega"

	"github.com/shema-music/shema/test/internal/machine"
)

// seen is the record of twenty minutes in which nothing grows but what is kept; change makes one value another.
func seen(change func(kind, subject string, minute float64, value float64) float64) *record {
	r := newRecord(machine.Machine{CPU: "slow", Cores: 2})

	for second := 0; second <= 1200; second += 5 {
		at, minute := time.Duration(second)*time.Second, float64(second)/60

		for kind, subjects := range map[string]map[string]float64{
			ofLoad:       {"load of the machine": 3},
			ofMemory:     {"booking": 30, "booking-2": 31, "postgres": 160, "redis": 3 + 0.6*minute, "etcd": 25 + minute/2},
			ofGoroutines: {"booking": 60},
			ofFiles:      {"booking": 40},
			ofBackends:   {"booking_service": 16},
			ofRows:       {"booking.bookings": 500 + 300*minute, "booking.outbox_events": float64(second % 15), "users.users": 60 * minute},
			ofSize:       {"booking.bookings": 0.5 + 0.3*minute, "booking.outbox_events": 0.2, "users.users": 0.1 + 0.05*minute},
			ofDead:       {"booking.bookings": 0},
			ofEntries:    {"booking.created": 250 * minute, all: 900 * minute},
			ofKeys:       {all: 40 + 60*minute},
			ofRedis:      {all: 2 + 0.6*minute},
		} {
			for subject, value := range subjects {
				r.note(kind, subject, at, change(kind, subject, minute, value))
			}
		}
	}

	return r
}

func unchanged(_, _ string, _, value float64) float64 { return value }

// Each kind is judged: what grows is named, and nothing else.
func TestRecord_Judge(t *testing.T) {
	g := NewWithT(t)
	g.Expect(seen(unchanged).judge()).To(Succeed())

	for _, c := range []struct {
		reason, kind, subject string
		value                 func(minute, value float64) float64
		grows                 bool
	}{
		{"a program leaks a MiB a minute", ofMemory, "booking-2", func(m, v float64) float64 { return v + m }, true},
		{"a program needs all it has in five minutes", ofMemory, "booking", func(m, v float64) float64 { return v + 6*min(m, 5) }, false},
		{"etcd never forgets", ofMemory, "etcd", func(m, v float64) float64 { return v + 2*m }, true},
		{"Redis holds more than its entries", ofMemory, "redis", func(m, v float64) float64 { return v + m*m/20 }, true},
		{"each request leaves a goroutine", ofGoroutines, "booking", func(m, v float64) float64 { return v + 30*m }, true},
		{"connections stay open", ofFiles, "booking", func(m, v float64) float64 { return v + 2*m }, true},
		{"a pool grows", ofBackends, "booking_service", func(m, v float64) float64 { return v + m/2 }, true},
		{"events stay in the outbox", ofRows, "booking.outbox_events", func(m, v float64) float64 { return v + 50*m }, true},
		{"a table gathers what is dead", ofSize, "booking.outbox_events", func(m, v float64) float64 { return v + m/5 }, true},
		{"rows take more and more", ofSize, "booking.bookings", func(m, v float64) float64 { return v + m*m/40 }, true},
		{"rows take more, but evenly", ofSize, "booking.bookings", func(_, v float64) float64 { return 3 * v }, false},
		{"nothing is vacuumed", ofDead, "booking.bookings", func(m, _ float64) float64 { return 500 * m }, true},
		{"a stream is not cut", ofEntries, "booking.created", func(m, _ float64) float64 { return 3000 * m }, true},
		{"keys have no end", ofKeys, all, func(m, v float64) float64 { return v + 10*m*m }, true},
		{"entries get longer", ofRedis, all, func(m, v float64) float64 { return v + m*m/20 }, true},
		{"the machine is busy", ofLoad, "load of the machine", func(m, _ float64) float64 { return m }, false},
	} {
		t.Run(c.reason, func(t *testing.T) {
			g := NewWithT(t)

			err := seen(func(kind, subject string, minute, value float64) float64 {
				if kind == c.kind && subject == c.subject {
					return c.value(minute, value)
				}

				return value
			}).judge()
			if !c.grows {
				g.Expect(err).NotTo(HaveOccurred())
				return
			}

			g.Expect(err).To(MatchError(HavePrefix(c.kind + " of " + c.subject + " grows")))
			g.Expect(strings.Count(err.Error(), "\n")).To(BeZero(), "%v", err)
		})
	}
}

// The page shows everything that was measured, and the measurements are beside it.
func TestRecord_Keep(t *testing.T) {
	g := NewWithT(t)
	r := seen(func(kind, subject string, minute, value float64) float64 {
		if kind == ofMemory && subject == "booking-2" {
			return value + minute
		}

		return value
	})

	path, err := r.keep(filepath.Join(t.TempDir(), "soak"))
	g.Expect(err).NotTo(HaveOccurred())

	page, err := os.ReadFile(path)
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(string(page)).To(ContainSubstring("1 grow: memory of booking-2."))

	for _, k := range kinds() {
		g.Expect(string(page)).To(ContainSubstring("<h2>" + k.Name + "</h2>"))
	}

	g.Expect(strings.Count(string(page), "<figure")).To(Equal(20))
	g.Expect(strings.Count(string(page), `<figure class="grows"`)).To(Equal(1))

	kept, err := os.ReadFile(strings.TrimSuffix(path, ".html") + ".json")
	g.Expect(err).NotTo(HaveOccurred())

	var again record

	g.Expect(json.Unmarshal(kept, &again)).To(Succeed())
	g.Expect(again.judge()).To(MatchError(r.judge().Error()))
}
