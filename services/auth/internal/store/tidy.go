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
	// where narrows the rows; empty means all.
	where string
}

var retention = []old{
	{table: "auth.login_attempts", column: "at", kept: attemptsKept},
	{table: "auth.login_locks", column: "until", kept: auth.EverywhereWindow},
	{table: "auth.known_networks", column: "last_login_at", kept: auth.KnownNetworkTTL},
	{table: "auth.session_endings", column: "at", kept: endingsKept},
	{table: "auth.mail_tokens", column: "expires_at", kept: auth.MailTokensKept},
	{table: "auth.audit_log", column: "at", kept: auth.AuditKept},
	{table: "auth.audit_log", column: "at", kept: auth.AnonymousKept, where: "AND user_id IS NULL"},
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
		SELECT ctid FROM %[1]s WHERE %[2]s < clock_timestamp() - $1::interval %[3]s LIMIT $2 FOR UPDATE SKIP LOCKED))`,
		o.table, o.column, o.where)

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
