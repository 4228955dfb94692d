// Package ratelimit counts requests per client: per address, or per person.
package ratelimit

import (
	"hash/maphash"
	"net/netip"
	"sync"
	"time"

	"golang.org/x/time/rate"

	"github.com/shema-music/shema/services/kit/clock"
)

const (
	shards = 16
	// maxPerShard bounds the memory: sixteen times this many clients in one period.
	maxPerShard = 4096
)

// Limiter allows each client a number of requests a period, and as many at once. It is safe for concurrent use.
type Limiter[K comparable] struct {
	count int
	// period is how long a bucket takes from empty to full, since the burst equals the count. A bucket that was not used
	// for so long is as good as a new one and can be forgotten.
	period time.Duration
	clock  clock.Clock
	seed   maphash.Seed
	max    int
	shards [shards]shard[K]
}

type shard[K comparable] struct {
	mu      sync.Mutex
	buckets map[K]*bucket
	sweptAt time.Time
	// crowd is shared by the clients for which there is no room.
	crowd *rate.Limiter
}

type bucket struct {
	limiter *rate.Limiter
	used    time.Time
}

// New returns a limiter of count requests a period; 0 allows everything.
func New[K comparable](count int, period time.Duration, c clock.Clock) *Limiter[K] {
	l := &Limiter[K]{
		count:  count,
		period: period,
		clock:  c,
		seed:   maphash.MakeSeed(),
		max:    maxPerShard,
	}
	for i := range l.shards {
		l.shards[i].buckets = map[K]*bucket{}
		l.shards[i].crowd = l.fresh()
	}

	return l
}

// Allow counts a request and reports whether it is within the limit.
func (l *Limiter[K]) Allow(client K) bool {
	if l.count <= 0 {
		return true
	}

	now := l.clock.Now()
	s := &l.shards[maphash.Comparable(l.seed, client)%shards]

	return l.bucket(s, client, now).AllowN(now, 1)
}

// Network returns what an address is counted by: an IPv4 address itself, the first address of an IPv6 /64, because a
// client has as many addresses of that as it likes.
func Network(client netip.Addr) netip.Addr {
	client = client.Unmap()
	if !client.Is6() {
		return client
	}

	return netip.PrefixFrom(client.WithZone(""), 64).Masked().Addr()
}

func (l *Limiter[K]) bucket(s *shard[K], client K, now time.Time) *rate.Limiter {
	s.mu.Lock()
	defer s.mu.Unlock()

	if b, ok := s.buckets[client]; ok {
		b.used = now
		return b.limiter
	}

	if len(s.buckets) >= l.max && now.Sub(s.sweptAt) >= l.period {
		s.sweep(now, l.period)
	}

	if len(s.buckets) >= l.max {
		return s.crowd
	}

	b := &bucket{limiter: l.fresh(), used: now}
	s.buckets[client] = b

	return b.limiter
}

func (s *shard[K]) sweep(now time.Time, period time.Duration) {
	s.sweptAt = now
	for client, b := range s.buckets {
		if now.Sub(b.used) >= period {
			delete(s.buckets, client)
		}
	}
}

func (l *Limiter[K]) fresh() *rate.Limiter {
	return rate.NewLimiter(rate.Limit(float64(l.count)/l.period.Seconds()), l.count)
}
