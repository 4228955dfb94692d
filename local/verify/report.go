package verify

import (
	"fmt"
	"io"
	"strings"
)

// shown is how many ids of a finding are printed.
const shown = 20

// Print writes what was found, and how to mend it, for a person.
func (r Result) Print(out io.Writer) {
	for _, f := range r.Findings {
		ids := f.IDs[:min(shown, len(f.IDs))]

		_, _ = fmt.Fprintf(out, "BROKEN %s: %s\n  found:  %s", f.Check.Name, f.Check.Promise, strings.Join(ids, ", "))
		if more := len(f.IDs) - len(ids); more > 0 {
			_, _ = fmt.Fprintf(out, " and %d more", more)
		}

		_, _ = fmt.Fprintf(out, "\n  remedy: %s\n", f.Check.Remedy)
	}

	if len(r.Findings) == 0 {
		_, _ = fmt.Fprintf(out, "all %d promises hold\n", r.Checks)
		return
	}

	_, _ = fmt.Fprintf(out, "%d of %d promises are broken\n", len(r.Findings), r.Checks)
}

// Broken is what Print writes if a promise is broken, and nothing otherwise.
func (r Result) Broken() string {
	if len(r.Findings) == 0 {
		return ""
	}

	var out strings.Builder

	r.Print(&out)

	return out.String()
}
