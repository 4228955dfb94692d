package cache

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	. "github.com/onsi/gomega"

	"github.com/shema-music/shema/services/kit/clock"
)

const ttl = 900 * time.Millisecond

func returns(body string) func(context.Context) (*Answer, error) {
	return func(context.Context) (*Answer, error) { return NewAnswer([]byte(body), "application/json", 0), nil }
}

// An answer is kept for the time counted from before its fetch.
func TestCache_Lookup_AgeCountsFromFetch(t *testing.T) {
	g := NewWithT(t)
	now := clock.NewFake(time.Unix(0, 0))
	c := New(ttl, time.Second, now)
	_, err := c.Fetch(t.Context(), "k", "en", func(ctx context.Context) (*Answer, error) {
		now.Advance(500 * time.Millisecond)
		return returns("1")(ctx)
	})
	g.Expect(err).NotTo(HaveOccurred())

	now.Advance(399 * time.Millisecond)
	g.Expect(c.Lookup("k")).NotTo(BeNil())

	now.Advance(time.Millisecond)
	g.Expect(c.Lookup("k")).To(BeNil(), "half a second of its life went by while it was fetched")
}

// A slow fetch is not kept after an invalidation.
func TestCache_Invalidate_DuringSlowFetch(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := NewWithT(t)
		c := New(ttl, time.Minute, clock.System{})
		answer := make(chan string)
		slow := func(ctx context.Context) (*Answer, error) { return returns(<-answer)(ctx) }

		var (
			early, late string
			done        sync.WaitGroup
		)
		done.Go(func() { early = fetchBody(c, slow) })
		synctest.Wait()

		c.Invalidate()
		done.Go(func() { late = fetchBody(c, returns("after the booking")) })
		synctest.Wait()
		g.Expect(late).To(Equal("after the booking"), "who asks after the change must not wait for the old answer")

		answer <- "before the booking"

		done.Wait()
		g.Expect(early).To(Equal("before the booking"), "who asked before may have the old answer")
		g.Expect(string(c.Lookup("k").plain.body)).To(Equal("after the booking"), "a later one may not")
	})
}

// A fetch that ends after an invalidation leaves nothing.
func TestCache_Invalidate_InsideFetch(t *testing.T) {
	g := NewWithT(t)
	c := New(ttl, time.Minute, clock.System{})
	_, err := c.Fetch(t.Context(), "k", "en", func(ctx context.Context) (*Answer, error) {
		c.Invalidate()
		return returns("old")(ctx)
	})
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(c.Lookup("k")).To(BeNil())
}

// Many callers share one fetch.
func TestCache_Fetch_Shared(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := NewWithT(t)
		c := New(ttl, time.Minute, clock.System{})
		release, fetches := make(chan struct{}), 0
		fetch := func(ctx context.Context) (*Answer, error) {
			fetches++

			<-release

			return returns("x")(ctx)
		}

		var done sync.WaitGroup
		for range 50 {
			done.Go(func() { _ = fetchBody(c, fetch) })
		}

		synctest.Wait()
		close(release)
		done.Wait()
		g.Expect(fetches).To(Equal(1))
	})
}

// No caller joins a fetch that is older than an answer may be.
func TestCache_Fetch_TooOldToJoin(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := NewWithT(t)
		c := New(ttl, time.Minute, clock.System{})
		release := make(chan struct{})

		var done sync.WaitGroup
		done.Go(func() {
			_ = fetchBody(c, func(ctx context.Context) (*Answer, error) { <-release; return returns("old")(ctx) })
		})
		time.Sleep(ttl + time.Millisecond)
		g.Expect(fetchBody(c, returns("new"))).To(Equal("new"))

		close(release)
		done.Wait()
		g.Expect(string(c.Lookup("k").plain.body)).To(Equal("new"), "the late answer is too old to be kept")
	})
}

// A fetch goes on when its first caller leaves.
func TestCache_Fetch_FirstCallerLeaves(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := NewWithT(t)
		c := New(ttl, time.Minute, clock.System{})
		release := make(chan struct{})
		ctx, leave := context.WithCancel(t.Context())

		var (
			first error
			done  sync.WaitGroup
		)
		done.Go(func() {
			_, first = c.Fetch(ctx, "k", "en", func(ctx context.Context) (*Answer, error) {
				<-release
				return returns("x")(ctx)
			})
		})
		synctest.Wait()
		leave()
		done.Wait()
		g.Expect(first).To(MatchError(context.Canceled))

		close(release)
		synctest.Wait()
		g.Expect(c.Lookup("k")).NotTo(BeNil())
	})
}

// Errors and panics are not kept.
func TestCache_Fetch_ErrorsAndPanics(t *testing.T) {
	g := NewWithT(t)
	c := New(ttl, time.Minute, clock.System{})
	broken := errors.New("broken")
	_, err := c.Fetch(t.Context(), "k", "en", func(context.Context) (*Answer, error) { return nil, broken })
	g.Expect(err).To(MatchError(broken))

	_, err = c.Fetch(t.Context(), "k", "en", func(context.Context) (*Answer, error) { panic("oh") })
	g.Expect(err).To(MatchError("panic: oh"))
	g.Expect(c.Lookup("k")).To(BeNil())
}

// A time of zero turns the cache off.
func TestCache_Fetch_Disabled(t *testing.T) {
	g := NewWithT(t)
	c := New(0, time.Minute, clock.System{})
	g.Expect(fetchBody(c, returns("1"))).To(Equal("1"))
	g.Expect(c.Lookup("k")).To(BeNil())
	g.Expect(fetchBody(c, returns("2"))).To(Equal("2"))
}

// The memory is bounded.
func TestCache_Fetch_BoundedMemory(t *testing.T) {
	g := NewWithT(t)
	now := clock.NewFake(time.Unix(0, 0))
	c := New(ttl, time.Minute, now)
	c.limits = limits{entries: 10, bytes: 100, answer: 60}

	put := func(key, body string) {
		_, err := c.Fetch(t.Context(), key, "en", returns(body))
		g.Expect(err).NotTo(HaveOccurred())
	}
	for i := range 100 {
		put(fmt.Sprintf("k%02d", i), "x")
		g.Expect(len(c.entries)).To(BeNumerically("<=", 10))
	}

	put("big", strings.Repeat("x", 50))
	put("big2", strings.Repeat("x", 50))
	g.Expect(c.bytes).To(BeNumerically("<=", 100))

	put("huge", strings.Repeat("x", 61))
	g.Expect(c.Lookup("huge")).To(BeNil(), "one answer must not push out all others")

	now.Advance(ttl)
	put("k", "x")
	c.Invalidate()
	g.Expect(c.bytes).To(BeZero())
	g.Expect(c.entries).To(BeEmpty())
}

func fetchBody(c *Cache, fetch func(context.Context) (*Answer, error)) string {
	answer, err := c.Fetch(context.Background(), "k", "en", fetch)
	if err != nil {
		return err.Error()
	}

	return string(answer.plain.body)
}
