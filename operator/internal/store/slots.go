package store

import (
	"context"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/shema-music/shema/operator/internal/schedule"
)

const kindSchedule = "Schedule"

// Schedule is what a Schedule resource asks for at a moment.
type Schedule struct {
	Origin

	// CourseUID is the uid of the Course that is taught.
	CourseUID string
	TimeZone  string
	Slots     []schedule.Slot
	// Takeover is empty unless an earlier try failed. Rows of another uid need none:
	// at most one Schedule exists that has this namespace and name.
	Takeover Takeover
}

// SlotsResult is what became of a Schedule.
type SlotsResult struct {
	Counts Counts
	// Next is the start of the first future slot; zero when there is none.
	Next time.Time
	// Added, Altered and Removed are the slots that had to be written.
	Added            []schedule.Slot
	Altered, Removed int
	// Adopted is the number of slots that were taken over, with their ids, from a
	// Schedule of this name that doesn't exist any more.
	Adopted int
	// Kept is the number of future slots that a booking holds although the
	// Schedule does not ask for them like this any more.
	Kept int
}

// Changed reports whether slots had to be written.
func (r SlotsResult) Changed() bool { return len(r.Added)+r.Altered+r.Removed+r.Adopted > 0 }

// ApplySlots brings the future slots of a Schedule to what it asks for. Slots
// that a booking holds are left as they are, and so are those of the past; held
// ones that the Schedule doesn't ask for are marked as withdrawn. It returns
// ErrCourseNotFound, a *StaleError, an *InvalidDataError or an *UnavailableError.
func (s *Store) ApplySlots(ctx context.Context, want Schedule, now time.Time) (SlotsResult, error) {
	diff, err := observeSlots(ctx, s.pool, want, now, unlocked)
	if err != nil || diff.clean() {
		return diff.result(), classify(err)
	}

	var result SlotsResult

	err = s.inTx(ctx, func(ctx context.Context, tx pgx.Tx) error {
		diff, err := observeSlots(ctx, tx, want, now, locked)
		if err != nil {
			return err
		}

		if err := s.writeSlots(ctx, tx, want, diff, now); err != nil {
			return err
		}

		// Looked at again, because a slot that comes back finds its booking again.
		after, err := observeSlots(ctx, tx, want, now, unlocked)
		result = diff.result()
		result.Counts, result.Next, result.Kept = after.counts, after.next, after.kept

		return err
	})

	return result, err
}

func (s *Store) writeSlots(ctx context.Context, tx pgx.Tx, want Schedule, diff slotDiff, now time.Time) error {
	steps := []func(context.Context, pgx.Tx, Schedule, slotDiff) error{deleteSlots, updateSlots, insertSlots, markSlots}
	for _, step := range steps {
		if err := step(ctx, tx, want, diff); err != nil {
			return err
		}
	}

	if !diff.result().Changed() {
		return nil
	}

	return s.announce(ctx, tx, kindSchedule, want.Name, diff.courseID, now)
}

// lock says how the rows that are read are kept from others until the end of
// the transaction: first the course, then its slots by id, the order in which
// reservations and removals lock them too.
type lock struct{ course, slots string }

var (
	unlocked = lock{}
	locked   = lock{course: "FOR SHARE", slots: "FOR UPDATE"}
)

// observeSlots reads the course and the slots of a Schedule and compares them
// with what it asks for.
func observeSlots(ctx context.Context, db querier, want Schedule, now time.Time, l lock) (slotDiff, error) {
	courseID, err := findCourseOf(ctx, db, want, l)
	if err != nil {
		return slotDiff{}, err
	}

	found, err := findSlots(ctx, db, want, now, l)
	if err != nil {
		return slotDiff{}, err
	}

	return compareSlots(found, want, courseID, now)
}

// findSlots reads the future slots of a Schedule, by its uid or its name, and
// whatever has the id of a slot that it asks for.
func findSlots(ctx context.Context, db querier, want Schedule, now time.Time, l lock) ([]slotRow, error) {
	ids := slotIDs(want.Slots)

	found, err := readSlots(ctx, db, want, ids, now, l)
	if err != nil {
		return nil, err
	}

	// What the rows say about earlier Schedules can lead to ids that were not looked for.
	more := missingIDs(found, want)
	if len(more) == 0 {
		return found, nil
	}

	return readSlots(ctx, db, want, append(ids, more...), now, l)
}

func readSlots(ctx context.Context, db querier, want Schedule, ids []uuid.UUID, now time.Time, l lock) ([]slotRow, error) {
	rows, err := db.Query(ctx, `
		SELECT id, course_id, CASE WHEN isfinite(starts_at) THEN starts_at ELSE 'epoch' END,
		       CASE WHEN isfinite(ends_at) THEN ends_at ELSE 'epoch' END, time_zone, status, withdrawn_at IS NOT NULL,
		       coalesce(identity_uid, resource_uid), resource_namespace, resource_name, resource_uid, resource_generation
		FROM course.schedules
		WHERE resource_uid = $1 AND starts_at > $2 OR id = ANY ($3)
		   OR resource_namespace = $4 AND resource_name = $5 AND starts_at > $2
		ORDER BY id `+l.slots, want.UID, now, ids, want.Namespace, want.Name)
	if err != nil {
		return nil, err
	}

	return pgx.CollectRows(rows, scanSlot)
}

func scanSlot(row pgx.CollectableRow) (slotRow, error) {
	var r slotRow

	err := row.Scan(&r.ID, &r.CourseID, &r.Start, &r.End, &r.TimeZone, &r.Status, &r.Withdrawn,
		&r.Identity, &r.Namespace, &r.Name, &r.UID, &r.Generation)

	return r, err
}

func findCourseOf(ctx context.Context, db querier, want Schedule, l lock) (uuid.UUID, error) {
	rows, err := db.Query(ctx, `
		SELECT id FROM course.courses WHERE resource_uid = $1 AND archived_at IS NULL `+l.course, want.CourseUID)
	if err != nil {
		return uuid.Nil, err
	}

	ids, err := pgx.CollectRows(rows, pgx.RowTo[uuid.UUID])
	if err == nil && len(ids) == 0 {
		err = ErrCourseNotFound
	}

	if err != nil {
		return uuid.Nil, err
	}

	return ids[0], nil
}

func slotIDs(slots []schedule.Slot) []uuid.UUID {
	ids := make([]uuid.UUID, len(slots))
	for i, slot := range slots {
		ids[i] = slot.ID
	}

	return ids
}
