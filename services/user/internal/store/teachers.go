package store

import (
	"context"
	"fmt"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/shema-music/shema/services/kit/postgres"
	"github.com/shema-music/shema/services/user/internal/notification"
)

// teacherRow is what a teacher knows of a lesson.
type teacherRow struct {
	TeacherID uuid.UUID
	Told      bool
	Change    int64
}

// changedFor notes that a notice about whose lesson it is has come for the teachers, and returns those for whom it changes
// what they know. The rows' locks make notices for one of them wait for each other until the transaction ends.
func changedFor(ctx context.Context, tx pgx.Tx, n *notification.Notice, teachers []uuid.UUID) ([]uuid.UUID, error) {
	_, err := tx.Exec(ctx, `
		INSERT INTO users.lesson_teachers (booking_id, teacher_id) SELECT $1, id FROM unnest($2::uuid[]) AS id ORDER BY id
		ON CONFLICT DO NOTHING`, *n.Facts.BookingID, teachers)
	if err != nil {
		return nil, fmt.Errorf("note whose lesson it is: %w", err)
	}

	rows, err := postgres.List(ctx, tx, pgx.RowToStructByName[teacherRow], `
		SELECT teacher_id, told, change FROM users.lesson_teachers WHERE booking_id = $1 AND teacher_id = ANY($2)
		ORDER BY teacher_id FOR UPDATE`, *n.Facts.BookingID, teachers)
	if err != nil {
		return nil, fmt.Errorf("read whose lesson it was: %w", err)
	}

	changed := []uuid.UUID{}

	for _, r := range rows {
		next, tell := notification.TeacherKnows{Told: r.Told, Change: r.Change}.After(n)
		if tell {
			changed = append(changed, r.TeacherID)
		}

		_, err := tx.Exec(ctx, `UPDATE users.lesson_teachers SET told = $3, change = $4, updated_at = now()
			WHERE booking_id = $1 AND teacher_id = $2`, *n.Facts.BookingID, r.TeacherID, next.Told, next.Change)
		if err != nil {
			return nil, fmt.Errorf("note whose lesson it is: %w", err)
		}
	}

	return changed, nil
}
