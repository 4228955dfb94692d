// Package ratelimit counts requests per client address.
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
	// maxPerShard bounds the memory: sixteen times this many addresses in one second.
	maxPerShard = 4096
	// refill is how long a bucket takes from empty to full, since the burst equals the rate. A bucket that nobody has
	// used for so long is as good as a new one and can be forgotten.
	refill = time.Second
)

// Limiter allows each address a number of requests a second, and as many at once. It is safe for concurrent use.
type Limiter struct {
	perSecond int
	clock     clock.Clock
	seed      maphash.Seed
	max       int
	shards    [shards]shard
}

type shard struct {
	mu      sync.Mutex
	buckets map[netip.Addr]*bucket
	sweptAt time.Time
	// crowd is shared by the addresses for which there is no room.
	crowd *rate.Limiter
}

type bucket struct {
	limiter *rate.Limiter
	used    time.Time
}

// New returns a limiter of perSecond requests; 0 allows everything.
func New(perSecond int, c clock.Clock) *Limiter {
	l := &Limiter{
		perSecond: perSecond,
		clock:     c,
		seed:      maphash.MakeSeed(),
		max:       maxPerShard,
	}
	for i := range l.shards {
		l.shards[i].buckets = map[netip.Addr]*bucket{}
		l.shards[i].crowd = l.fresh()
	}

	return l
}

// Allow counts a request and reports whether it is within the limit. IPv6 clients are counted by their /64, of which
// everybody has as many addresses as they like.
func (l *Limiter) Allow(client netip.Addr) bool {
	if l.perSecond <= 0 {
		return true
	}

	network := Network(client)
	now := l.clock.Now()
	s := &l.shards[maphash.Comparable(l.seed, network)%shards]

	return l.bucket(s, network, now).AllowN(now, 1)
}

// Network returns what a client is counted by: an IPv4 address itself, the first address of an IPv6 /64.
func Network(client netip.Addr) netip.Addr {
	client = client.Unmap()
	if !client.Is6() {
		return client
	}

	return netip.PrefixFrom(client.WithZone(""), 64).Masked().Addr()
}

func (l *Limiter) bucket(s *shard, network netip.Addr, now time.Time) *rate.Limiter {
	s.mu.Lock()
	defer s.mu.Unlock()

	if b, ok := s.buckets[network]; ok {
		b.used = now
		return b.limiter
	}

	if len(s.buckets) >= l.max && now.Sub(s.sweptAt) >= refill {
		s.sweep(now)
	}

	if len(s.buckets) >= l.max {
		return s.crowd
	}

	b := &bucket{limiter: l.fresh(), used: now}
	s.buckets[network] = b

	return b.limiter
}

func (s *shard) sweep(now time.Time) {
	s.sweptAt = now
	for network, b := range s.buckets {
		if now.Sub(b.used) >= refill {
			delete(s.buckets, network)
		}
	}
}

func (l *Limiter) fresh() *rate.Limiter { return rate.NewLimiter(rate.Limit(l.perSecond), l.perSecond) }
