package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"text/tabwriter"
	"time"

	"github.com/shema-music/shema/services/kit/dapr"
	"github.com/shema-music/shema/services/kit/eventsign"
	"github.com/shema-music/shema/services/kit/inbox"
	"github.com/shema-music/shema/services/kit/postgres"
)

const deadLettersUsage = "usage: dead-letters list | dead-letters replay [event id …] | dead-letters replay --trust event id … | dead-letters dismiss event id …"

// trust replays letters that no service of ours has signed.
const trust = "--trust"

// deadLetters lists the service's dead letters, publishes all or some of them again, or dismisses some.
func (p Program) deadLetters(ctx context.Context, args []string, out io.Writer) error {
	if len(args) == 0 {
		return errors.New(deadLettersUsage)
	}

	pool, err := postgres.Open(ctx, p.common().DatabaseURL)
	if err != nil {
		return err
	}
	defer pool.Close()

	kept := inbox.NewDeadLetters(pool, p.Schema)

	letters, err := kept.List(ctx)
	if err != nil {
		return err
	}

	command, ids := args[0], args[1:]
	trusted := len(ids) > 0 && ids[0] == trust

	switch {
	case command == "list" && len(ids) == 0:
		return writeLetters(out, letters)
	case command == "replay" && trusted && len(ids) > 1:
		return p.replay(ctx, replay{letters: kept, out: out}, only(letters, ids[1:]))
	case command == "replay" && !trusted:
		return p.replay(ctx, replay{letters: kept, key: eventsign.New(p.common().ServiceJWTSecret), out: out}, only(letters, ids))
	case command == "dismiss" && len(ids) > 0:
		return each(only(letters, ids), out, "dismissed", func(l inbox.DeadLetter) error { return kept.Dismiss(ctx, l) })
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

// replay is how letters are published again.
type replay struct {
	letters *inbox.DeadLetters
	// key must have signed the letters; without one the operator has looked at them.
	key *eventsign.Key
	out io.Writer
}

func (p Program) replay(ctx context.Context, r replay, letters []inbox.DeadLetter) error {
	sidecar, err := dapr.NewSidecar(p.common(), nil)
	if err != nil {
		return err
	}
	defer sidecar.Close()

	return each(letters, r.out, "replayed", func(l inbox.DeadLetter) error {
		return r.letters.Replay(ctx, l, r.key, sidecar.Publish)
	})
}

// each does something with every letter, says with how many it has, and returns what went wrong with the others.
func each(letters []inbox.DeadLetter, out io.Writer, done string, do func(inbox.DeadLetter) error) error {
	count := 0

	var failures []error
	for _, l := range letters {
		if err := do(l); err != nil {
			failures = append(failures, fmt.Errorf("event %s: %w", l.ID, err))
			continue
		}

		count++
	}

	_, _ = fmt.Fprintf(out, "%s %d of %d\n", done, count, len(letters))

	return errors.Join(failures...)
}
