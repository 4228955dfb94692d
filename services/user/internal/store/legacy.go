package store

import (
	"context"
	"fmt"
)

// adoptSQL turns the jobs of the release before, in which each mail was one, into letters that are due. Its processes may
// still run and write them; those that they have in hand are left to them.
const adoptSQL = `
	WITH job AS (
		DELETE FROM users.river_job WHERE id IN (
			SELECT id FROM users.river_job WHERE kind = 'send_letter' AND state IN ('available', 'pending', 'retryable', 'scheduled')
			LIMIT 1000 FOR UPDATE SKIP LOCKED)
		RETURNING (args ->> 'letter_id')::uuid AS letter_id, substr(queue, length('mail_') + 1) AS lane)
	UPDATE users.letters l SET lane = job.lane, due_at = clock_timestamp(), booking_id = n.booking_id,
		state_version = coalesce(n.state_version, 0)
	FROM job JOIN users.letters o ON o.id = job.letter_id LEFT JOIN users.notifications n ON n.id = o.notification_id
	WHERE l.id = o.id AND l.done_at IS NULL AND l.due_at IS NULL AND l.digest_id IS NULL`

// Adopt takes over mails that a process of the release before would have sent.
func (l *Letters) Adopt(ctx context.Context) error {
	tag, err := l.pool.Exec(ctx, adoptSQL)
	if err != nil {
		return fmt.Errorf("take over the jobs of mails: %w", err)
	}

	if tag.RowsAffected() > 0 {
		for _, wake := range l.wakes {
			wake.Set()
		}
	}

	return nil
}
