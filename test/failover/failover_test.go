package failover_test

import (
	"context"
	"flag"
	"log/slog"
	"strings"
	"testing"
	"time"

	. "github.com/onsi/gomega"

	local "github.com/shema-music/shema/local/platform"
	"github.com/shema-music/shema/local/verify"
	"github.com/shema-music/shema/test/internal/detour"
	"github.com/shema-music/shema/test/internal/load"
	"github.com/shema-music/shema/test/internal/testenv"
)

var behind = flag.Duration("behind", 0, "measure only: commits don't wait for the standby, which is so far behind when the leader is lost")

const (
	// recovery is how long nothing may be accepted after a leader is lost.
	recovery = 30 * time.Second
	// usedFor is how long people use the platform before and after the loss.
	usedFor = 8 * time.Second
	// patience is how long people may take to finish what they had begun, and tables to agree.
	patience = 2 * time.Minute
)

// school is a platform that is used, and whose standby can be cut off from the leader.
type school struct {
	*load.Load

	env    *testenv.Environment
	routes *detour.Ways
}

// TestFailover loses leaders while people use the platform; with -behind it measures instead.
func TestFailover(t *testing.T) {
	if *behind > 0 {
		measureAsynchronous(t)
	} else {
		loseBothLeaders(t)
	}
}

// loseBothLeaders loses one after the other: nothing accepted may be gone.
func loseBothLeaders(t *testing.T) {
	t.Helper()
	g := NewWithT(t)
	s := open(t, local.Synchronous)

	s.loseWhileUsed(t, "Postgres", func() {
		g.Expect(s.env.Lose("postgres")).To(Succeed())
		g.Expect(s.env.PromoteStandby(t.Context())).To(Succeed())
	})
	g.Eventually(func() ([]string, error) { return s.Differences(t.Context()) }).
		WithTimeout(patience).WithPolling(time.Second).Should(BeEmpty(), "what was accepted")
	g.Expect(s.broken(t).Broken()).To(BeEmpty(), "shema verify")

	s.RedisForgets()
	s.loseWhileUsed(t, "Redis", func() { g.Expect(s.env.Lose("redis")).To(Succeed()) })
	g.Eventually(func() ([]string, error) { return s.Differences(t.Context()) }).
		WithTimeout(patience).WithPolling(time.Second).Should(BeEmpty(), "what was accepted")
	g.Eventually(s.SignIns).WithTimeout(patience).Should(BeEmpty(), "people can sign in")
	s.expectRepaired(t)
}

// measureAsynchronous prints what is lost if commits don't wait for the standby.
func measureAsynchronous(t *testing.T) {
	t.Helper()
	g := NewWithT(t)
	s := open(t, local.Asynchronous)

	using, end := context.WithCancel(t.Context())
	done := make(chan struct{})

	go func() {
		s.Use(using, using)
		close(done)
	}()

	load.Rest(t.Context(), usedFor)

	for _, way := range s.routes.Names("postgres") {
		g.Expect(s.routes.Disturb(way, detour.HalfOpen())).To(Succeed())
	}

	load.Rest(t.Context(), *behind)
	g.Expect(s.env.Lose("postgres")).To(Succeed())
	end()
	g.Eventually(done).WithTimeout(patience).Should(BeClosed())
	g.Expect(s.env.PromoteStandby(t.Context())).To(Succeed())

	t.Log(s.Summary())

	lost, err := s.Differences(t.Context())
	g.Expect(err).NotTo(HaveOccurred())
	t.Logf("%d differences with a standby that was %s behind:\n%s", len(lost), *behind, strings.Join(lost, "\n"))
	t.Logf("shema verify: %s", s.broken(t).Broken())
}

// open starts a platform with two of each service.
func open(t *testing.T, standby local.Standby) *school {
	t.Helper()

	routes := detour.New()
	t.Cleanup(routes.Close)

	env := testenv.StartFor(t, "failover", func(o *local.Options) {
		o.Replicas, o.Standby = local.Each(2), standby
		o.Detour = func(program, part, address string) string {
			if program != "postgres-2" {
				return address
			}

			return routes.Lead(program, part, address)
		}
	})

	return &school{Load: load.New(env, load.Hurried()), env: env, routes: routes}
}

// loseWhileUsed lets people use the platform, loses a leader meanwhile, and expects that everything is accepted again in
// time.
func (s *school) loseWhileUsed(t *testing.T, what string, lose func()) {
	t.Helper()
	g := NewWithT(t)

	ctx, cancel := context.WithTimeout(t.Context(), patience+2*usedFor)
	defer cancel()

	watcher, err := s.Watch(ctx)
	g.Expect(err).NotTo(HaveOccurred())

	over, end := context.WithCancel(ctx)
	defer end()

	done := make(chan struct{})
	go func() {
		s.Use(ctx, over)
		close(done)
	}()

	load.Rest(ctx, usedFor)

	lost := time.Now()

	lose()

	took, err := watcher.Accepted(ctx, lost)
	g.Expect(err).NotTo(HaveOccurred())
	t.Logf("%s lost: accepted again after %v", what, took)

	load.Rest(ctx, usedFor)
	end()
	g.Eventually(done).WithTimeout(patience).Should(BeClosed(), "what was begun is finished")
	t.Log(s.Summary())

	delete(took, load.Registration)

	for kind, after := range took {
		g.Expect(after).To(BeNumerically("<", recovery), kind)
	}
}

// expectRepaired allows that events are gone with Redis, and no more than that: what they should have done is done by
// "shema verify -repair".
func (s *school) expectRepaired(t *testing.T) {
	t.Helper()
	g := NewWithT(t)

	result := s.broken(t)
	if len(result.Findings) > 0 {
		t.Logf("lost with Redis: %s", result.Broken())

		done, err := verify.Repair(t.Context(), s.env.DB, result, slog.New(slog.DiscardHandler))
		g.Expect(err).NotTo(HaveOccurred())
		t.Logf("repaired: %v", done)

		result = s.broken(t)
	}

	g.Expect(result.Broken()).To(BeEmpty(), "shema verify")
}

// broken is what "shema verify" finds.
func (s *school) broken(t *testing.T) verify.Result {
	t.Helper()

	result, err := s.env.Verify(t.Context())
	NewWithT(t).Expect(err).NotTo(HaveOccurred())

	return result
}
