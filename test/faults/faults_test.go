package faults_test

import (
	"context"
	"flag"
	"log/slog"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	. "github.com/onsi/gomega"

	local "github.com/shema-music/shema/local/platform"
	"github.com/shema-music/shema/local/verify"
	"github.com/shema-music/shema/test/internal/detour"
	"github.com/shema-music/shema/test/internal/load"
	"github.com/shema-music/shema/test/internal/testenv"
)

var duration = flag.Duration("for", 90*time.Second, "how long the platform is harmed")

const (
	// recovery is how long the platform may take to answer again after a fault has ended.
	recovery = 60 * time.Second
	// worksFor is how long nothing happens between two faults, so that something can be accepted.
	worksFor = 2 * time.Second
	// lasts bounds how long a fault lasts.
	lasts = 4 * time.Second
)

// school is the platform as its people see it, and where it can be harmed.
type school struct {
	*load.Load

	env *testenv.Environment
	// disk is the one of Postgres; nil where it can't be full.
	disk *disk
	// poisoned counts events that no service can handle.
	poisoned atomic.Int64
	// flushed tells that Redis has lost everything, sessions among it, at some time.
	flushed atomic.Bool
}

// TestFaults harms a platform with two of each service while people use it.
func TestFaults(t *testing.T) {
	routes := detour.New()
	t.Cleanup(routes.Close)

	env := testenv.StartFor(t, "faults", func(o *local.Options) {
		o.Replicas, o.Detour = local.Each(2), routes.Lead
	})
	NewWithT(t).Expect(routes.Err()).NotTo(HaveOccurred())

	s := &school{Load: load.New(env, load.Hurried()), env: env, disk: newDisk(t, env)}
	s.harmWhileUsed(t, routes)

	t.Log(s.Summary())
	s.expectNothingLost(t)
}

// harmWhileUsed plays faults while people use the platform, and returns when all is healed and all people are done.
func (s *school) harmWhileUsed(t *testing.T, routes *detour.Ways) {
	t.Helper()
	g := NewWithT(t)

	// What has been begun when it is over gets time to be finished.
	ctx, cancel := context.WithTimeout(t.Context(), *duration+3*recovery)
	defer cancel()

	over, end := context.WithTimeout(ctx, *duration)
	defer end()

	var people sync.WaitGroup

	people.Go(func() { s.Use(ctx, over) })

	for over.Err() == nil {
		s.playAll(ctx, over, t, routes)
	}

	people.Wait()
	g.Expect(ctx.Err()).NotTo(HaveOccurred(), "what was begun could not be finished")
}

// playAll plays each fault once, in a random order, until over ends.
func (s *school) playAll(ctx, over context.Context, t *testing.T, routes *detour.Ways) {
	t.Helper()

	faults := faultsOf(s)
	rand.Shuffle(len(faults), func(i, j int) { faults[i], faults[j] = faults[j], faults[i] })

	for _, f := range faults {
		if !load.Rest(over, worksFor) {
			return
		}

		s.play(ctx, t, f, routes)
	}
}

// play harms, waits, heals, and measures how long it takes until bookings and sign-ins work again.
func (s *school) play(ctx context.Context, t *testing.T, f fault, routes *detour.Ways) {
	t.Helper()
	g := NewWithT(t)

	g.Expect(f.harm(ctx, s, routes)).To(Succeed(), f.name)

	if f.heal != nil {
		load.Rest(ctx, max(f.atLeast, time.Second)+rand.N(lasts))
		g.Eventually(func() error { return f.heal(ctx, s, routes) }).WithTimeout(recovery).Should(Succeed(), f.name)
	}

	healed := time.Now()
	watcher := s.Newcomer()

	g.Eventually(func() int { return watcher.Login(s.env.AdminEmail, s.env.AdminPassword).Status }).
		WithTimeout(recovery).WithPolling(100*time.Millisecond).Should(Equal(200), "sign-in after "+f.name)
	g.Eventually(func() int { return watcher.Get("/api/courses").Status }).
		WithTimeout(recovery).WithPolling(100*time.Millisecond).Should(Equal(200), "catalogue after "+f.name)

	t.Logf("%-45s works again after %s", f.name, time.Since(healed).Round(10*time.Millisecond))
}

// expectNothingLost compares what the people remember with the tables, and asks the tables themselves.
func (s *school) expectNothingLost(t *testing.T) {
	t.Helper()
	g := NewWithT(t)

	// The last overdue bookings end with the next sweep.
	g.Eventually(func() ([]string, error) { return s.Differences(t.Context()) }).
		WithTimeout(2*recovery).WithPolling(time.Second).Should(BeEmpty(), "what was accepted")

	g.Expect(s.broken(t)).To(BeEmpty(), "shema verify")

	_, _, err := s.Lessons(t.Context(), 2)
	g.Expect(err).NotTo(HaveOccurred(), "the catalogue follows its files")

	g.Eventually(s.SignIns).WithTimeout(recovery).Should(BeEmpty(), "people can sign in")
}

// broken returns what "shema verify" would print. What Redis took with it when it forgot everything is repaired first:
// events that had left the outbox and had not arrived.
func (s *school) broken(t *testing.T) string {
	t.Helper()
	g := NewWithT(t)

	for _, schema := range []string{"course", "users", "auth", "booking", "chat", "recommendation"} {
		_, err := s.env.DB.Exec(t.Context(), `DELETE FROM `+schema+`.dead_letters WHERE starts_with(id, $1)`, poison)
		g.Expect(err).NotTo(HaveOccurred())
	}

	result, err := s.env.Verify(t.Context())
	g.Expect(err).NotTo(HaveOccurred())

	if s.flushed.Load() && len(result.Findings) > 0 {
		done, err := verify.Repair(t.Context(), s.env.DB, result, slog.New(slog.DiscardHandler))
		g.Expect(err).NotTo(HaveOccurred())
		t.Logf("repaired after Redis forgot everything: %v", done)

		result, err = s.env.Verify(t.Context())
		g.Expect(err).NotTo(HaveOccurred())
	}

	return result.Broken()
}
