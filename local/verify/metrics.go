package verify

import (
	"fmt"
	"io"
	"time"
)

// The metrics, by name.
const (
	brokenMetric    = "shema_verify_broken"
	timestampMetric = "shema_verify_timestamp_seconds"
)

// WriteMetrics writes the result as Prometheus reads it: how much breaks each promise, and when that was seen.
func (r Result) WriteMetrics(out io.Writer, at time.Time) error {
	broken := map[string]int{}
	for _, f := range r.Findings {
		broken[f.Check.Name] = len(f.IDs)
	}

	_, err := fmt.Fprintf(out, "# HELP %[1]s What breaks a promise of the platform's tables, by check.\n# TYPE %[1]s gauge\n", brokenMetric)

	for _, check := range Checks() {
		if err == nil {
			_, err = fmt.Fprintf(out, "%s{check=%q} %d\n", brokenMetric, check.Name, broken[check.Name])
		}
	}

	if err == nil {
		_, err = fmt.Fprintf(out, "# HELP %[1]s When the promises were last looked at, in seconds since 1970.\n# TYPE %[1]s gauge\n%[1]s %[2]d\n",
			timestampMetric, at.Unix())
	}

	if err != nil {
		return fmt.Errorf("write the metrics: %w", err)
	}

	return nil
}
