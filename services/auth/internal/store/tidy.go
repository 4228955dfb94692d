package store

import (
	"context"
	"fmt"
	"time"

	"github.com/shema-music/shema/services/auth/internal/auth"
)

const (
	// tidyBatch is how many rows one statement deletes: each ends long before the limit of a statement.
	tidyBatch = 1000
	// attemptsKept is how long guesses are kept; the rules look at the last hour of them.
	attemptsKept = 24 * time.Hour
	// endingsKept is how long it is kept whose sessions have ended; only the last seconds are looked at.
	endingsKept = time.Minute
)

// old is what Tidy deletes from a table: rows whose column, which has an index, is older than kept.
type old struct {
	table, column string
	kept          time.Duration
}

var retention = []old{
	{"auth.login_attempts", "at", attemptsKept},
	{"auth.login_locks", "until", auth.EverywhereWindow},
	{"auth.known_networks", "last_login_at", auth.KnownNetworkTTL},
	{"auth.session_endings", "at", endingsKept},
}

// Tidy deletes what nothing looks at any more, in batches. Replicas may do it at once.
func (s *Store) Tidy(ctx context.Context) error {
	for _, o := range retention {
		if err := s.deleteOld(ctx, o); err != nil {
			return err
		}
	}

	return nil
}

func (s *Store) deleteOld(ctx context.Context, o old) error {
	sql := fmt.Sprintf(`DELETE FROM %[1]s WHERE ctid = ANY (ARRAY(
		SELECT ctid FROM %[1]s WHERE %[2]s < clock_timestamp() - $1::interval LIMIT $2 FOR UPDATE SKIP LOCKED))`, o.table, o.column)

	for {
		tag, err := s.pool.Exec(ctx, sql, o.kept, tidyBatch)
		if err != nil {
			return fmt.Errorf("delete old rows of %s: %w", o.table, err)
		}

		if tag.RowsAffected() < tidyBatch {
			return nil
		}
	}
}
