package store

import (
	"context"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
)

// Removal is how far a removal has come.
type Removal struct {
	// Counts are the slots that are left: the future ones, and those of the past that
	// hold the removal up.
	Counts Counts
	// FirstHeld and LastHeld are the starts of the first and the last of them that a
	// booking holds; zero when none is held.
	FirstHeld, LastHeld time.Time
	Change              Change
}

// Done reports whether the removal is complete.
func (r Removal) Done() bool { return r.Counts.Held() == 0 }

func (r *Removal) hold(start time.Time) {
	if r.FirstHeld.IsZero() || start.Before(r.FirstHeld) {
		r.FirstHeld = start
	}

	if start.After(r.LastHeld) {
		r.LastHeld = start
	}
}

// RemoveCourse withdraws the entry of a Course: it is hidden at once, and, when
// no booking holds a future slot of it any more, archived or, with erase,
// deleted with all its slots. A slot of a pending booking holds the erasure up
// whatever its time. An entry that belongs to another resource is left alone.
func (s *Store) RemoveCourse(ctx context.Context, origin Origin, known uuid.UUID, erase bool, now time.Time) (Removal, error) {
	var removal Removal

	err := s.inTx(ctx, func(ctx context.Context, tx pgx.Tx) error {
		removal = Removal{}

		rows, err := findCourses(ctx, tx, origin, known, "FOR UPDATE")
		if err != nil {
			return err
		}

		row := ownedBy(rows, origin, known)
		if row == nil {
			return nil
		}

		if removal, err = countLocked(ctx, tx, ofCourse(row.ID, erase), now); err != nil {
			return err
		}

		removal.Change, err = withdrawCourse(ctx, tx, row, removal.Done(), erase)
		if err != nil || removal.Change == Unchanged {
			return err
		}

		return s.announce(ctx, tx, kindCourse, origin.Name, row.ID, now)
	})

	return removal, err
}

// ownedBy finds the entry of a Course: the one with its uid, or, if the uid was
// changed by hand, the one that has its name, its namespace and the id that it had.
func ownedBy(rows []courseRow, origin Origin, known uuid.UUID) *courseRow {
	return pick(rows, func(r *courseRow) bool { return r.UID == origin.UID }, func(r *courseRow) bool {
		return r.ID == known && r.Name == origin.Name && r.Namespace == origin.Namespace
	})
}

func withdrawCourse(ctx context.Context, tx pgx.Tx, row *courseRow, free, erase bool) (Change, error) {
	switch {
	case free && erase:
		return exec(ctx, tx, "DELETE FROM course.courses WHERE id = $1", row.ID)
	case free && row.ArchivedAt == nil:
		return exec(ctx, tx, "UPDATE course.courses SET archived_at = now(), updated_at = now() WHERE id = $1", row.ID)
	case !free && row.Published:
		return exec(ctx, tx, "UPDATE course.courses SET published = false, updated_at = now() WHERE id = $1", row.ID)
	default:
		return Unchanged, nil
	}
}

func exec(ctx context.Context, tx pgx.Tx, sql string, id uuid.UUID) (Change, error) {
	_, err := tx.Exec(ctx, sql, id)
	return Withdrawn, err
}
