package main

import (
	"path/filepath"
	"strings"
	"testing"
	"time"

	. "github.com/onsi/gomega"

	"github.com/shema-music/shema/test/internal/machine"
)

func reported(rate float64) results {
	var r report
	r.add("sign-ins", "many", "", metric{rate, "op/s"}, metric{0.9, "of-bcrypt"})
	r.add("double bookings", "0", "")

	return r.results(time.Date(2027, 1, 4, 9, 0, 0, 0, time.UTC), machine.Machine{CPU: "slow", Cores: 2, LoadBefore: 0.1})
}

func TestResults_KeptAndRead(t *testing.T) {
	t.Parallel()
	g := NewWithT(t)
	path := filepath.Join(t.TempDir(), "runs", "one.json")

	g.Expect(reported(20).keep(path)).To(Succeed())
	g.Expect(readResults(path)).To(Equal(reported(20)))

	g.Expect(results{}.keep(path)).To(Succeed())

	_, err := readResults(path)
	g.Expect(err).To(MatchError(ContainSubstring("no results")))
}

func TestResults_Compare(t *testing.T) {
	t.Parallel()

	for _, c := range []struct {
		reason string
		change func(earlier *results)
		want   []string
		not    string
	}{
		{
			reason: "a metric has changed, another has not",
			change: func(*results) {},
			want:   []string{"run of 2027-01-04 09:00:00", "+25 %", "+0 %"},
			not:    "CAUTION",
		},
		{
			reason: "another machine is compared with",
			change: func(earlier *results) { earlier.Machine.Cores = 8 },
			want:   []string{"CAUTION", "2 cores, then 8"},
		},
		{
			reason: "one of the machines was busy",
			change: func(earlier *results) { earlier.Machine.LoadBefore = 20 },
			want:   []string{"CAUTION", "load 0.1, then 20.0"},
		},
		{
			reason: "what was not measured then is left out",
			change: func(earlier *results) { earlier.Lines[0].Name = "other" },
			not:    "sign-ins",
		},
	} {
		t.Run(c.reason, func(t *testing.T) {
			t.Parallel()
			g := NewWithT(t)
			earlier := reported(16)
			c.change(&earlier)

			var text strings.Builder

			reported(20).compare(&text, earlier)

			for _, want := range c.want {
				g.Expect(text.String()).To(ContainSubstring(want))
			}

			if c.not != "" {
				g.Expect(text.String()).NotTo(ContainSubstring(c.not))
			}
		})
	}
}
