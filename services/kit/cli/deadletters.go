package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"text/tabwriter"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/shema-music/shema/services/kit/dapr"
	"github.com/shema-music/shema/services/kit/inbox"
	"github.com/shema-music/shema/services/kit/postgres"
)

const deadLettersUsage = "usage: dead-letters list | dead-letters replay [event id …]"

// deadLetters lists the service's dead letters, or publishes all or some of them again.
func (p Program) deadLetters(ctx context.Context, args []string, out io.Writer) error {
	if len(args) == 0 {
		return errors.New(deadLettersUsage)
	}

	pool, err := postgres.Open(ctx, p.common().DatabaseURL)
	if err != nil {
		return err
	}
	defer pool.Close()

	letters, err := inbox.List(ctx, pool, p.Schema)
	if err != nil {
		return err
	}

	switch args[0] {
	case "list":
		return writeLetters(out, letters)
	case "replay":
		return p.replay(ctx, pool, only(letters, args[1:]), out)
	}

	return errors.New(deadLettersUsage)
}

func writeLetters(out io.Writer, letters []inbox.DeadLetter) error {
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0) //nolint:mnd // two spaces between columns

	_, _ = fmt.Fprintln(w, "RECEIVED\tTOPIC\tEVENT ID")
	for _, l := range letters {
		_, _ = fmt.Fprintf(w, "%s\t%s\t%s\n", l.ReceivedAt.UTC().Format(time.RFC3339), l.Topic, l.ID)
	}

	return w.Flush()
}

// only keeps the letters with the given ids; no ids means all of them.
func only(letters []inbox.DeadLetter, ids []string) []inbox.DeadLetter {
	if len(ids) == 0 {
		return letters
	}

	return slices.DeleteFunc(letters, func(l inbox.DeadLetter) bool { return !slices.Contains(ids, l.ID) })
}

func (p Program) replay(ctx context.Context, pool *pgxpool.Pool, letters []inbox.DeadLetter, out io.Writer) error {
	sidecar, err := dapr.NewSidecar(p.common(), nil)
	if err != nil {
		return err
	}
	defer sidecar.Close()

	replayed := 0

	var failures []error
	for _, l := range letters {
		if err := inbox.Replay(ctx, pool, p.Schema, l, sidecar.Publish); err != nil {
			failures = append(failures, fmt.Errorf("event %s: %w", l.ID, err))
			continue
		}

		replayed++
	}

	_, _ = fmt.Fprintf(out, "replayed %d of %d\n", replayed, len(letters))

	return errors.Join(failures...)
}
