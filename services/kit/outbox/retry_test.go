package outbox

import (
	"testing"
	"time"

	. "github.com/onsi/gomega"
	"github.com/riverqueue/river/rivertype"
)

func TestBackoff(t *testing.T) {
	t.Parallel()

	for _, tc := range []struct {
		reason   string
		failures int
		want     time.Duration
	}{
		{"the first try comes soon", 0, 100 * time.Millisecond},
		{"then it doubles", 3, 800 * time.Millisecond},
		{"up to the cap", 6, 5 * time.Second},
		{"and never beyond", 1 << 40, 5 * time.Second},
		{"whatever the metadata says", -1, 100 * time.Millisecond},
	} {
		t.Run(tc.reason, func(t *testing.T) {
			t.Parallel()
			NewWithT(t).Expect(backoff(tc.failures)).To(Equal(tc.want), tc.reason)
		})
	}
}

// Failures are read from the metadata.
func TestFailures_Metadata(t *testing.T) {
	t.Parallel()
	g := NewWithT(t)
	g.Expect(failuresOf(&rivertype.JobRow{Metadata: []byte(`{"snoozes": 4}`)})).To(Equal(4))
	g.Expect(failuresOf(&rivertype.JobRow{Metadata: []byte(`broken`)})).To(BeZero())
}
