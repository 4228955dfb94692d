package store

import (
	"context"
	"time"

	"github.com/shema-music/shema/services/kit/postgres"
)

const day = 24 * time.Hour

// retention is how long the service keeps what is not kept for ever; docs/data.md says the same. Letters hold nothing but
// ids once they have left.
var retention = []postgres.Old{
	{Table: "users.notifications", Column: "created_at", Kept: 365 * day},
	{Table: "users.booking_states", Column: "updated_at", Kept: 365 * day},
	// Longer than from the confirmation to any lesson.
	{Table: "users.lesson_teachers", Column: "updated_at", Kept: 3 * 365 * day},
	// A letter that is still being tried is given up after a day.
	{Table: "users.letters", Column: "created_at", Kept: 2 * day},
	{Table: "users.letters", Column: "created_at", Kept: day, Where: "AND done_at IS NOT NULL"},
	// There are no more of them than admins.
	{Table: "users.mail_windows", Column: "ends_at", Kept: day},
}

// Tidy deletes what no rule looks at any more. Replicas may do it at once.
func (s *Store) Tidy(ctx context.Context) error { return postgres.DeleteOld(ctx, s.pool, retention...) }
