package main

import (
	"context"
	"fmt"
	"io"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"
)

func newStatusCommand(s *settings) *cobra.Command {
	return &cobra.Command{
		Use:   "status",
		Short: "Show the catalogue at a glance, and what is not ready and why",
		Long: `Show the courses with their schedules, how many slots are free and held, and what
is not ready and why.

The exit code is 0 when everything is ready, 1 when something is not, and 2 when
that could not be found out.`,
		Example: `  # The catalogue of the current namespace
  kubectl shema status

  # The catalogue of the whole cluster, in a script
  kubectl shema status -A || echo "look at the catalogue"`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return status(cmd.Context(), s) },
	}
}

func status(ctx context.Context, s *settings) error {
	namespace, err := s.namespace()
	if err != nil {
		return err
	}

	api, err := s.connect()
	if err != nil {
		return err
	}

	found, err := readCatalogue(ctx, api, namespace)
	if err != nil {
		return err
	}

	o := overviewOf(found)
	if len(o.lines) == 0 {
		_, _ = fmt.Fprintln(s.Out, "There are no courses and no schedules"+within(namespace)+".")
		return nil
	}

	if err := o.print(s.Out, s.allNamespaces, s.clock.Now()); err != nil {
		return fmt.Errorf("print: %w", err)
	}

	if o.notReady() > 0 {
		return errProblem
	}

	return nil
}

func within(namespace string) string {
	if namespace == "" {
		return ""
	}

	return " in the namespace " + namespace
}

func (o overview) print(out io.Writer, namespaces bool, now time.Time) error {
	table := tabwriter.NewWriter(out, 0, 0, 3, ' ', 0)

	header := "NAME\tWHAT\tAVAILABLE\tRESERVED\tBOOKED\tNEXT\tREADY\n"
	if namespaces {
		header = "NAMESPACE\t" + header
	}

	_, _ = fmt.Fprint(table, header)
	for _, l := range o.lines {
		if namespaces {
			_, _ = fmt.Fprint(table, l.namespace, "\t")
		}

		_, _ = fmt.Fprintf(table, "%s%s\t%s\t%d\t%d\t%d\t%s\t%s\n",
			l.branch, l.name, l.what, l.slots.Available, l.slots.Reserved, l.slots.Booked, l.next(), l.health.word())
	}

	if err := table.Flush(); err != nil {
		return err
	}

	o.printRemarks(out, namespaces, now)
	_, err := fmt.Fprintf(out, "\n%s\n", o.summary())

	return err
}

// printRemarks says of each resource that is not ready, or not in step, why.
func (o overview) printRemarks(out io.Writer, namespaces bool, now time.Time) {
	var notReady, behind []string
	for _, l := range o.lines {
		switch {
		case !l.health.ready:
			notReady = append(notReady, l.reference(namespaces)+"  "+l.health.sentence(now))
		case l.health.remark != "":
			behind = append(behind, l.reference(namespaces)+"  "+l.health.remark)
		}
	}

	printList(out, "Not ready:", notReady)
	printList(out, "Ready, but the database differs:", behind)
}

func printList(out io.Writer, heading string, lines []string) {
	if len(lines) == 0 {
		return
	}

	_, _ = fmt.Fprintf(out, "\n%s\n", heading)
	for _, line := range lines {
		_, _ = fmt.Fprintln(out, " ", line)
	}
}
