package clock_test

import (
	"testing"
	"time"

	. "github.com/onsi/gomega"

	"github.com/shema-music/shema/services/kit/clock"
)

func TestFakeStandsStillUntilItIsMoved(t *testing.T) {
	t.Parallel()
	g := NewWithT(t)
	start := time.Date(2026, 12, 1, 10, 0, 0, 0, time.FixedZone("WIB", 7*3600))
	c := clock.NewFake(start)
	g.Expect(c.Now()).To(Equal(start.UTC()))

	c.Advance(time.Hour)
	g.Expect(c.Now()).To(BeTemporally("==", start.Add(time.Hour)))
}

func TestSystemIsUTC(t *testing.T) {
	t.Parallel()
	NewWithT(t).Expect(clock.System{}.Now().Location()).To(Equal(time.UTC))
}
