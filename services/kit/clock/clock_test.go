package clock_test

import (
	"testing"
	"time"

	. "github.com/onsi/gomega"

	"github.com/shema-music/shema/services/kit/clock"
)

// A fake clock stands still until it is moved.
func TestFake_Now(t *testing.T) {
	t.Parallel()
	g := NewWithT(t)
	start := time.Date(2026, 12, 1, 10, 0, 0, 0, time.FixedZone("WIB", 7*3600))
	c := clock.NewFake(start)
	g.Expect(c.Now()).To(Equal(start.UTC()))

	c.Advance(time.Hour)
	g.Expect(c.Now()).To(BeTemporally("==", start.Add(time.Hour)))
}

// The system's clock tells UTC.
func TestSystem_Now_UTC(t *testing.T) {
	t.Parallel()
	NewWithT(t).Expect(clock.System{}.Now().Location()).To(Equal(time.UTC))
}
