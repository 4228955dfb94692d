// Package specreport says once more, after everything else that a suite prints, which specs failed and why: in a log of
// which only the end is kept, that is what one needs.
package specreport

import (
	"fmt"
	"io"

	"github.com/onsi/ginkgo/v2/types"
)

// maxReason is how many bytes of a failure's message are repeated.
const maxReason = 1200

// Verdicts collects the specs that failed, and those that needed a second attempt. The zero value is empty.
type Verdicts struct {
	lines []string
}

// Note takes a spec's report, as ginkgo hands it to ReportAfterEach.
func (v *Verdicts) Note(r types.SpecReport) {
	switch {
	case r.Failed():
		v.lines = append(v.lines, fmt.Sprintf("failed: %s\n  %s\n  %.*s", r.FullText(), r.FailureLocation(), maxReason, r.FailureMessage()))
	case r.State.Is(types.SpecStatePassed) && r.NumAttempts > 1 && r.MaxFlakeAttempts > 1:
		v.lines = append(v.lines, fmt.Sprintf("passed in attempt %d: %s", r.NumAttempts, r.FullText()))
	}
}

// Print writes what was collected.
func (v *Verdicts) Print(w io.Writer) {
	for _, line := range v.lines {
		_, _ = fmt.Fprintln(w, line)
	}
}
