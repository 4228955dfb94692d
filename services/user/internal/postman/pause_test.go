package postman

import (
	"testing"
	"time"

	. "github.com/onsi/gomega"
)

// Pauses double up to a quarter of an hour.
func TestPause(t *testing.T) {
	t.Parallel()

	g := NewWithT(t)
	for failures, want := range map[int]time.Duration{
		-1: firstPause, 0: firstPause, 1: time.Second, 4: 8 * time.Second, 10: 512 * time.Second, 11: longestPause, 1000: longestPause,
	} {
		g.Expect(pause(failures)).To(Equal(want), "after %d failures", failures)
	}
}
