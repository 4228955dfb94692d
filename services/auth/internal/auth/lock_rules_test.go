package auth

import (
	"testing"
	"time"

	. "github.com/onsi/gomega"
)

var noon = time.Date(2026, 12, 1, 12, 0, 0, 0, time.UTC)

func TestNetwork(t *testing.T) {
	t.Parallel()

	cases := []struct{ ip, want, reason string }{
		{"203.0.113.77", "203.0.113.0/24", "IPv4"},
		{"::ffff:203.0.113.77", "203.0.113.0/24", "IPv4 in IPv6"},
		{"2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64", "IPv6"},
		{"fe80::1%eth0", "fe80::/64", "with a zone"},
		{"", "unknown", "none"},
		{"nonsense", "unknown", "none that can be read"},
	}
	for _, c := range cases {
		NewWithT(t).Expect(Network(c.ip)).To(Equal(c.want), c.reason)
	}
}

func TestTally_Verdict(t *testing.T) {
	t.Parallel()

	cases := []struct {
		reason string
		tally  Tally
		want   Verdict
	}{
		{"the first guess", Tally{}, Verdict{Admitted: true}},
		{"the tenth guess", Tally{PairFailures: 9, Failures: 9}, Verdict{Admitted: true}},
		{"nine wrong and one running", Tally{PairFailures: 9, PairPending: 1}, Verdict{}},
		{"ten running", Tally{PairPending: 10}, Verdict{}},
		{"the pair is locked", Tally{PairLockedUntil: noon.Add(time.Minute)}, Verdict{LockedFor: time.Minute}},
		{"the lock of the pair is over", Tally{PairLockedUntil: noon}, Verdict{Admitted: true}},
		{"locked everywhere", Tally{LockedUntil: noon.Add(time.Hour)}, Verdict{LockedFor: time.Hour}},
		{"locked everywhere, but known here", Tally{LockedUntil: noon.Add(time.Hour), KnownNetwork: true}, Verdict{Admitted: true}},
		{"known here, but the pair is locked", Tally{
			LockedUntil:     noon.Add(time.Hour),
			PairLockedUntil: noon.Add(time.Minute),
			KnownNetwork:    true,
		},
			Verdict{LockedFor: time.Minute}},
		{"the later lock counts", Tally{LockedUntil: noon.Add(time.Hour), PairLockedUntil: noon.Add(time.Minute)}, Verdict{LockedFor: time.Hour}},
		{"99 wrong and one running everywhere", Tally{Failures: 99, Pending: 1}, Verdict{}},
		{"the same, but known here", Tally{
			Failures:     99,
			Pending:      1,
			KnownNetwork: true,
		}, Verdict{Admitted: true}},
	}
	for _, c := range cases {
		c.tally.Now = noon
		NewWithT(t).Expect(c.tally.Verdict()).To(Equal(c.want), c.reason)
	}
}

func TestTally_NewLocks(t *testing.T) {
	t.Parallel()

	never := time.Time{}

	cases := []struct {
		reason           string
		tally            Tally
		pair, everywhere time.Time
	}{
		{"nine are none too many", Tally{PairFailures: 9, Failures: 99}, never, never},
		{"ten lock the pair", Tally{PairFailures: 10, Failures: 10}, noon.Add(15 * time.Minute), never},
		{"a lock is not prolonged", Tally{PairFailures: 12, PairLockedUntil: noon.Add(time.Second)}, never, never},
		{"a hundred lock everywhere", Tally{Failures: 100}, never, noon.Add(time.Hour)},
		{"also where the network is known", Tally{Failures: 100, KnownNetwork: true}, never, noon.Add(time.Hour)},
		{"once", Tally{Failures: 120, LockedUntil: noon.Add(time.Second)}, never, never},
	}
	for _, c := range cases {
		c.tally.Now = noon
		pair, everywhere := c.tally.NewLocks()
		NewWithT(t).Expect(pair).To(Equal(c.pair), c.reason)
		NewWithT(t).Expect(everywhere).To(Equal(c.everywhere), c.reason)
	}
}
