package store

import (
	"context"
	"fmt"
)

const (
	// tidyBatch is how many rows one statement deletes, so that none of them comes near its time limit.
	tidyBatch = 500
	// tidyRounds bounds one run; what is left is for the next.
	tidyRounds = 40
)

// tidySQL deletes what no service asks for any more: slots that were free when they passed, and reservations that have
// given their slots back. What was held stays, because it is history.
var tidySQL = []string{
	`DELETE FROM course.schedules WHERE id IN (
		SELECT id FROM course.schedules
		WHERE status = 'available' AND starts_at < now() - interval '90 days' LIMIT $1 FOR UPDATE SKIP LOCKED)`,
	`DELETE FROM course.reservations WHERE booking_id IN (
		SELECT booking_id FROM course.reservations
		WHERE state = 'released' AND updated_at < now() - interval '90 days' LIMIT $1 FOR UPDATE SKIP LOCKED)`,
}

// Tidy deletes what is 90 days old and of no use. Every replica may do it at once.
func (s *Store) Tidy(ctx context.Context) error {
	for _, sql := range tidySQL {
		for range tidyRounds {
			tag, err := s.pool.Exec(ctx, sql, tidyBatch)
			if err != nil {
				return fmt.Errorf("delete what is old: %w", err)
			}

			if tag.RowsAffected() < tidyBatch {
				break
			}
		}
	}

	return nil
}
