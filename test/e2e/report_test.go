package e2e_test

import (
	"context"
	"fmt"
	"os"
	"slices"
	"strings"
	"text/tabwriter"

	. "github.com/onsi/ginkgo/v2"
	"github.com/onsi/ginkgo/v2/types"

	"github.com/shema-music/shema/test/internal/cluster"
)

// numbers are what the run has measured, in the order in which it was.
var numbers [][2]string

// held is the memory of the containers by pod, if the kubelets tell; under load if the run came that far.
var held map[string]map[string]int64

func weigh(ctx context.Context) {
	var err error
	if held, err = shema.Memory(ctx); err != nil {
		sayf("the kubelets tell nothing of memory: %v", err)
	}
}

// measuredf keeps a number for the report.
func measuredf(what, format string, args ...any) {
	numbers = append(numbers, [2]string{what, fmt.Sprintf(format, args...)})
	sayf("%s: %s", what, numbers[len(numbers)-1][1])
}

var _ = ReportBeforeEach(func(r SpecReport) {
	if !r.State.Is(types.SpecStateSkipped | types.SpecStatePending) {
		sayf("%s", r.FullText())
	}
})

var _ = ReportAfterEach(func(r SpecReport) {
	switch {
	case r.Failed():
		sayf("  FAILED after %.1f s", r.RunTime.Seconds())

		_, _ = fmt.Fprint(GinkgoWriter, lookAround(context.Background()))
	case r.State.Is(types.SpecStateSkipped) && r.Failure.Message != "":
		sayf("  skipped: %s", r.Failure.Message)
	case r.State.Is(types.SpecStatePassed):
		sayf("  passed in %.1f s", r.RunTime.Seconds())
	}
})

// lookAround shows what an operator would look at first after a failure.
func lookAround(ctx context.Context) string {
	pods, _ := shema.Kubectl(ctx, "", "get", "pods", "-o", "wide")
	events, _ := shema.Kubectl(ctx, "", "get", "events", "--sort-by=.lastTimestamp")
	lines := strings.Split(strings.TrimSpace(events), "\n")

	return pods + "\n" + strings.Join(lines[max(0, len(lines)-40):], "\n") + "\n"
}

var _ = ReportAfterSuite("numbers", func(ctx SpecContext, _ Report) {
	if held == nil {
		weigh(ctx)
	}

	table := tabwriter.NewWriter(os.Stdout, 0, 0, 2, ' ', 0)
	defer func() { _ = table.Flush() }()

	for _, number := range numbers {
		_, _ = fmt.Fprintf(table, "%s\t%s\n", number[0], number[1])
	}

	for _, app := range slices.Sorted(slices.Values(cluster.Apps)) {
		for pod, containers := range held {
			if strings.HasPrefix(pod, app+"-") {
				_, _ = fmt.Fprintf(table, "memory of %s\t%s\n", pod, mebibytes(containers))
			}
		}
	}
})

func mebibytes(containers map[string]int64) string {
	var parts []string
	for name, bytes := range containers {
		parts = append(parts, fmt.Sprintf("%s %d MiB", name, bytes>>20))
	}

	slices.Sort(parts)

	return strings.Join(parts, ", ")
}
