package store

import (
	"context"
	"fmt"
	"slices"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/shema-music/shema/services/booking/internal/booking"
	"github.com/shema-music/shema/services/kit/postgres"
)

// BindTeachersJob looks up the teachers of the courses that wait for it.
type BindTeachersJob struct{}

// Kind names the job in River's table.
func (BindTeachersJob) Kind() string { return "bind_teachers" }

// StaleTeachers implements booking.Store.
func (s *Store) StaleTeachers(ctx context.Context, limit int) ([]uuid.UUID, error) {
	courses, err := postgres.List(ctx, s.pool, pgx.RowTo[uuid.UUID], `
		SELECT course_id FROM booking.course_teachers
		WHERE checked_at < now() - interval '10 minutes' ORDER BY checked_at LIMIT $1`, limit)
	if err != nil {
		return nil, fmt.Errorf("look for courses with old teachers: %w", err)
	}

	return courses, nil
}

// BindTeachers implements booking.Store.
func (s *Store) BindTeachers(ctx context.Context, batch []uuid.UUID, teachers map[uuid.UUID]*uuid.UUID) error {
	known := slices.DeleteFunc(slices.Clone(batch), func(id uuid.UUID) bool { _, ok := teachers[id]; return !ok })

	accounts := make([]*uuid.UUID, len(known))
	for i, course := range known {
		accounts[i] = teachers[course]
	}

	err := postgres.InTx(ctx, s.pool, func(ctx context.Context, tx pgx.Tx) error {
		queue := &pgx.Batch{}
		queue.Queue(`UPDATE booking.course_teachers SET checked_at = now() WHERE course_id = ANY($1)`, batch)
		queue.Queue(`
			UPDATE booking.course_teachers t SET teacher_id = n.teacher_id
			FROM unnest($1::uuid[], $2::uuid[]) AS n (course_id, teacher_id)
			WHERE t.course_id = n.course_id AND t.teacher_id IS DISTINCT FROM n.teacher_id`, known, accounts)

		if err := tx.SendBatch(ctx, queue).Close(); err != nil {
			return err
		}

		moved, err := handOver(ctx, tx, known, accounts)
		if err != nil {
			return err
		}

		return s.tellTeachers(ctx, tx, moved)
	})
	if err != nil {
		return fmt.Errorf("bind teachers: %w", err)
	}

	return nil
}

// handedOver is a lesson that has got another teacher.
type handedOver struct {
	ID      uuid.UUID  `db:"id"`
	Former  *uuid.UUID `db:"former"`
	Teacher *uuid.UUID `db:"teacher_id"`
	Changes int64      `db:"teacher_changes"`
}

// handOver gives the lessons ahead to the teachers that their courses have now. Who confirms one meanwhile waits for the
// end of the transaction (see lock), so none is missed.
func handOver(ctx context.Context, tx pgx.Tx, courses []uuid.UUID, teachers []*uuid.UUID) ([]handedOver, error) {
	rows, err := tx.Query(ctx, `
		WITH changed AS (
			SELECT b.id, b.teacher_id AS former, n.teacher_id
			FROM booking.bookings b JOIN unnest($1::uuid[], $2::uuid[]) AS n (course_id, teacher_id) USING (course_id)
			WHERE b.status = 'confirmed' AND b.lesson_starts_at > now() AND b.teacher_id IS DISTINCT FROM n.teacher_id
			ORDER BY b.id FOR UPDATE OF b)
		UPDATE booking.bookings b
		SET teacher_id = c.teacher_id, teacher_changes = b.teacher_changes + 1, teacher_changed_at = clock_timestamp()
		FROM changed c WHERE b.id = c.id
		RETURNING b.id, c.former, b.teacher_id, b.teacher_changes`, courses, teachers)
	if err != nil {
		return nil, err
	}

	return pgx.CollectRows(rows, pgx.RowToStructByName[handedOver])
}

// tellTeachers has both teachers of each lesson told: the event of its confirmation has told the former one, or none.
func (s *Store) tellTeachers(ctx context.Context, tx pgx.Tx, moved []handedOver) error {
	for _, m := range moved {
		for kind, to := range map[booking.NoticeKind]*uuid.UUID{booking.LessonLost: m.Former, booking.LessonGiven: m.Teacher} {
			if to == nil {
				continue
			}

			notice := GiveNotice{
				Notice:    kind,
				BookingID: m.ID,
				To:        to,
				Occasion:  m.Changes,
			}
			if err := s.outbox.Insert(ctx, tx, notice, nil); err != nil {
				return err
			}
		}
	}

	return nil
}

// CourseChanged has the course's teacher looked up, as a part of the transaction.
func (s *Store) CourseChanged(ctx context.Context, tx pgx.Tx, course uuid.UUID) error {
	_, err := tx.Exec(ctx, `
		INSERT INTO booking.course_teachers (course_id, checked_at) VALUES ($1, '-infinity')
		ON CONFLICT (course_id) DO UPDATE SET checked_at = '-infinity'`, course)
	if err != nil {
		return fmt.Errorf("note a changed course: %w", err)
	}

	return s.outbox.Insert(ctx, tx, BindTeachersJob{}, nil)
}

// TeacherChanged has the teachers looked up of the courses that this person teaches, and of those without a teacher,
// whose address may be this person's; as a part of the transaction.
func (s *Store) TeacherChanged(ctx context.Context, tx pgx.Tx, person uuid.UUID) error {
	tag, err := tx.Exec(ctx, `
		UPDATE booking.course_teachers SET checked_at = '-infinity' WHERE teacher_id = $1 OR teacher_id IS NULL`, person)
	if err != nil {
		return fmt.Errorf("note a changed teacher: %w", err)
	}

	if tag.RowsAffected() == 0 {
		return nil
	}

	return s.outbox.Insert(ctx, tx, BindTeachersJob{}, nil)
}
