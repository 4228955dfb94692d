// Package cache keeps the answers of public reads in memory for less than a second.
package cache

import (
	"context"
	"sync"
	"time"

	"github.com/shema-music/shema/services/kit/clock"
	"github.com/shema-music/shema/services/kit/singleflight"
)

// Bounds of the memory that a cache takes.
const (
	maxEntries     = 2048
	maxBytes       = 8 << 20
	maxAnswerBytes = 1 << 20
)

// Cache keeps answers by key. It is made by New, and safe for concurrent use.
type Cache struct {
	ttl    time.Duration
	clock  clock.Clock
	group  *singleflight.Group[string, *Answer]
	limits limits

	mu      sync.RWMutex
	entries map[string]entry
	bytes   int
}

type limits struct{ entries, bytes, answer int }

type entry struct {
	answer *Answer
	until  time.Time
}

// New returns a cache whose answers are at most ttl old, counted from before they were fetched. A fetch is given up
// after timeout. With a ttl of 0 every request is fetched for itself.
func New(ttl, timeout time.Duration, c clock.Clock) *Cache {
	return &Cache{
		ttl:     ttl,
		clock:   c,
		group:   singleflight.NewGroup[string, *Answer](c, ttl, timeout),
		limits:  limits{entries: maxEntries, bytes: maxBytes, answer: maxAnswerBytes},
		entries: map[string]entry{},
	}
}

// Lookup returns the answer kept for key, or nil.
func (c *Cache) Lookup(key string) *Answer {
	if c.ttl == 0 {
		return nil
	}

	c.mu.RLock()
	kept, ok := c.entries[key]
	c.mu.RUnlock()

	if !ok || !c.clock.Now().Before(kept.until) {
		return nil
	}

	return kept.answer
}

// Fetch gets the answer for key by fetch, once for all who ask meanwhile, and keeps it. Variant tells apart callers
// who may share an answer but not an error, because errors speak the caller's language.
func (c *Cache) Fetch(
	ctx context.Context, key, variant string, fetch func(context.Context) (*Answer, error),
) (*Answer, error) {
	if c.ttl == 0 {
		return fetch(ctx)
	}

	return c.group.Do(ctx, variant+" "+key, fetch, func(answer *Answer, started time.Time) {
		c.keep(key, answer, started.Add(c.ttl))
	})
}

// Invalidate drops all answers, and makes sure that no fetch that began before is kept.
func (c *Cache) Invalidate() {
	c.group.Forget()
	c.mu.Lock()
	defer c.mu.Unlock()

	clear(c.entries)
	c.bytes = 0
}

func (c *Cache) keep(key string, answer *Answer, until time.Time) {
	size := len(key) + answer.Size()

	now := c.clock.Now()
	if !now.Before(until) || size > c.limits.answer {
		return
	}

	c.mu.Lock()
	defer c.mu.Unlock()

	c.remove(key)

	if !c.hasRoom(size) {
		c.sweep(now)
	}

	for victim := range c.entries {
		if c.hasRoom(size) {
			break
		}

		c.remove(victim)
	}

	c.entries[key] = entry{answer: answer, until: until}
	c.bytes += size
}

func (c *Cache) hasRoom(size int) bool {
	return len(c.entries) < c.limits.entries && c.bytes+size <= c.limits.bytes
}

func (c *Cache) sweep(now time.Time) {
	for key, kept := range c.entries {
		if !now.Before(kept.until) {
			c.remove(key)
		}
	}
}

func (c *Cache) remove(key string) {
	if kept, ok := c.entries[key]; ok {
		c.bytes -= len(key) + kept.answer.Size()
		delete(c.entries, key)
	}
}
