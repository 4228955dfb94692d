package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/spf13/cobra"

	"github.com/shema-music/shema/operator/internal/store"
	"github.com/shema-music/shema/services/kit/postgres"
)

func newDiffCommand(s *settings) *cobra.Command {
	var databaseURL string

	cmd := &cobra.Command{
		Use:   "diff [KIND | KIND NAME... | KIND/NAME...]",
		Short: "Compare resources with their rows in the database",
		Long: `Compare resources with their rows in the database, field by field, by the same
functions as the operator. Lines with - are what the row says, lines with + what
the resource asks for. Nothing is written.

Without arguments every Course and Schedule is compared, and rows of resources
that do not exist any more are listed.

The database is named by --database-url or the variable DATABASE_URL. The role in
it needs to read the schema course only. A database inside the cluster can be
reached with kubectl port-forward.

The exit code is 0 when nothing differs, 1 when something does, and 2 when that
could not be found out.`,
		Example: `  # Everything in the current namespace
  kubectl shema diff

  # One course and one of its schedules
  kubectl shema diff course/piano-beginner schedule/piano-beginner-mondays

  # All schedules of the cluster
  kubectl shema diff schedules -A --database-url postgres://catalog_operator@localhost:5432/shema`,
		RunE: func(cmd *cobra.Command, arguments []string) error {
			return diff(cmd.Context(), s, databaseURL, arguments)
		},
	}
	cmd.Flags().StringVar(&databaseURL, "database-url", "", "URL of the database; DATABASE_URL if not given")

	return cmd
}

func diff(ctx context.Context, s *settings, databaseURL string, arguments []string) error {
	chosen, err := selectionOf(arguments)
	if err != nil {
		return err
	}

	namespace, err := s.namespace()
	if err != nil {
		return err
	}

	api, err := s.connect()
	if err != nil {
		return err
	}

	pool, err := openDatabase(ctx, databaseURL)
	if err != nil {
		return err
	}
	defer pool.Close()

	ctx, cancel, err := s.limited(ctx)
	if err != nil {
		return err
	}
	defer cancel()

	c := comparison{
		rows:      store.NewReader(pool),
		namespace: namespace,
		chosen:    chosen,
		now:       s.clock.Now(),
	}

	reports, err := c.run(ctx, api)
	if err != nil {
		return err
	}

	return printReports(s.Out, reports, s.allNamespaces)
}

// limited ends the context after the time that --request-timeout gives.
func (s *settings) limited(ctx context.Context) (context.Context, context.CancelFunc, error) {
	limit, err := s.timeout()
	if err != nil || limit == 0 {
		return ctx, func() {}, err
	}

	ctx, cancel := context.WithTimeout(ctx, limit)

	return ctx, cancel, nil
}

// openDatabase returns a pool that cannot write.
func openDatabase(ctx context.Context, url string) (*pgxpool.Pool, error) {
	if url == "" {
		url = os.Getenv("DATABASE_URL")
	}

	if url == "" {
		return nil, errors.New("name the database with --database-url or the variable DATABASE_URL")
	}

	readOnly := func(c *pgxpool.Config) { c.ConnConfig.RuntimeParams["default_transaction_read_only"] = "on" }

	return postgres.Open(ctx, url, postgres.WithMaxConns(1), readOnly)
}

// printReports prints what differs, and fails with errProblem if anything does.
func printReports(out io.Writer, reports []report, namespaces bool) error {
	different := 0
	for _, r := range reports {
		if len(r.lines) == 0 {
			continue
		}

		different++

		_, _ = fmt.Fprintln(out, r.reference(namespaces))
		for _, text := range r.lines {
			_, _ = fmt.Fprintln(out, " ", text)
		}
	}

	if different > 0 {
		_, _ = fmt.Fprintf(out, "\n%d of %d resources differ from the database.\n", different, len(reports))
		return errProblem
	}

	_, _ = fmt.Fprintf(out, "%s compared: the database shows what the resources ask for.\n", counted(len(reports), "resource"))

	return nil
}
