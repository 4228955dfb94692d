// Package clock is the only place besides main that reads the time of the machine.
package clock

import (
	"sync"
	"time"
)

// Clock tells the time. Whatever has rules about time gets one instead of calling time.Now.
type Clock interface {
	// Now returns the present moment in UTC.
	Now() time.Time
}

// System is the clock of the machine.
type System struct{}

// Now returns the machine's time in UTC.
func (System) Now() time.Time { return time.Now().UTC() }

// Fake is a clock for tests: it stands still until it is moved. It is safe for concurrent use.
type Fake struct {
	mu  sync.Mutex
	now time.Time
}

// NewFake returns a clock that stands at the given moment.
func NewFake(now time.Time) *Fake { return &Fake{now: now.UTC()} }

// Now returns the moment at which the clock stands.
func (f *Fake) Now() time.Time {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.now
}

// Advance moves the clock by d, which may be negative.
func (f *Fake) Advance(d time.Duration) {
	f.mu.Lock()
	defer f.mu.Unlock()

	f.now = f.now.Add(d)
}
