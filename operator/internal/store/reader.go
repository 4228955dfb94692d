package store

import (
	"context"
	"strconv"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
)

// Reader compares resources with the database by the same functions as the
// Store, and writes nothing. Its role needs to read the course tables only.
type Reader struct{ pool *pgxpool.Pool }

// NewReader returns a reader on the pool.
func NewReader(pool *pgxpool.Pool) *Reader { return &Reader{pool: pool} }

// CourseDiff is how the catalogue entry differs from its Course.
type CourseDiff struct {
	// Missing says that there is no entry of this name.
	Missing bool
	// Archived says that the entry has been archived.
	Archived bool
	// Owner is the resource that the entry comes from, if it is another one.
	Owner       *Origin
	Differences []Difference
}

// CompareCourse compares an entry with what the Course asks for. It may return
// an *UnavailableError.
func (r *Reader) CompareCourse(ctx context.Context, c Course) (CourseDiff, error) {
	rows, err := findCourses(ctx, r.pool, c.Origin, uuid.Nil, "")
	if err != nil {
		return CourseDiff{}, classify(err)
	}

	row := pick(rows, func(row *courseRow) bool { return row.UID == c.UID }, func(row *courseRow) bool { return row.Name == c.Name })
	switch {
	case row == nil:
		return CourseDiff{Missing: true}, nil
	case row.UID != c.UID:
		return CourseDiff{Owner: &row.Origin, Archived: row.ArchivedAt != nil}, nil
	}

	d := differences(row.differences(c))
	d.compare("metadata.generation", generation(row.Generation), generation(c.Generation))

	return CourseDiff{Archived: row.ArchivedAt != nil, Differences: d}, nil
}

func generation(n int64) string { return strconv.FormatInt(n, 10) }

// SlotDiff is one slot that is not as its Schedule asks for.
type SlotDiff struct {
	// Start is when the slot begins by the Schedule, or, if that does not ask
	// for it, by the row.
	Start time.Time
	// Missing says that the row is missing, Extra that the Schedule does not
	// ask for it.
	Missing, Extra bool
	// Held says that a booking holds the slot, so that it stays as it is.
	Held        bool
	Differences []Difference
}

// CompareSlots compares the future slots with those that the Schedule asks for.
// It returns ErrCourseNotFound, a *StaleError or an *UnavailableError.
func (r *Reader) CompareSlots(ctx context.Context, want Schedule, now time.Time) ([]SlotDiff, error) {
	courseID, err := findCourseOf(ctx, r.pool, want, unlocked)
	if err != nil {
		return nil, classify(err)
	}

	rows, err := findSlots(ctx, r.pool, want, now, unlocked)
	if err != nil {
		return nil, classify(err)
	}

	diff, err := compareSlots(rows, want, courseID, now)
	if err != nil {
		return nil, err
	}

	return diff.explain(rows, want), nil
}

// explain says of every slot that is not right what is wrong with it.
func (d slotDiff) explain(rows []slotRow, want Schedule) []SlotDiff {
	byID := make(map[uuid.UUID]*slotRow, len(rows))
	for i := range rows {
		byID[rows[i].ID] = &rows[i]
	}

	list := make([]SlotDiff, 0, len(d.add)+len(d.alter)+len(d.remove)+len(d.mark))
	for _, slot := range d.add {
		list = append(list, SlotDiff{Start: slot.Start, Missing: true})
	}

	for _, slot := range d.alter {
		list = append(list, SlotDiff{Start: slot.Start, Differences: byID[slot.ID].differences(slot, want, d.courseID)})
	}

	for _, id := range d.remove {
		list = append(list, SlotDiff{Start: byID[id].Start, Extra: true})
	}

	for _, kept := range d.keep {
		list = append(list, kept.explain(want, d.courseID))
	}

	for _, mark := range d.mark {
		if row := byID[mark.id]; !mark.withdraw {
			list = append(list, SlotDiff{Start: row.Start, Differences: row.bookkeeping(mark.identity, want)})
		}
	}

	return list
}

func (k keptSlot) explain(want Schedule, courseID uuid.UUID) SlotDiff {
	if k.wanted == nil {
		return SlotDiff{Start: k.row.Start, Held: true, Extra: true}
	}

	return SlotDiff{Start: k.wanted.Start, Held: true, Differences: k.row.differences(*k.wanted, want, courseID)}
}

// bookkeeping are the differences of a row whose lesson is right.
func (r *slotRow) bookkeeping(identity string, want Schedule) []Difference {
	d := differences(r.ownerDifferences(identity, want))
	d.compare("resource_generation", generation(r.Generation), generation(want.Generation))
	d.compareIf(r.Withdrawn, "withdrawn", "yes", "no")

	return d
}

// Owned is what the catalogue shows of one resource.
type Owned struct {
	Origin

	// Kind is Course or Schedule.
	Kind string
	// Rows is the number of entries or future slots.
	Rows int
}

// Owners lists the resources that catalogue entries and future slots come from.
// Archived entries are left out.
func (r *Reader) Owners(ctx context.Context, now time.Time) ([]Owned, error) {
	rows, err := r.pool.Query(ctx, `
		SELECT 'Course', resource_namespace, name, resource_uid, 1
		FROM course.courses WHERE archived_at IS NULL
		UNION ALL
		SELECT 'Schedule', resource_namespace, resource_name, resource_uid, count(*)::int
		FROM course.schedules WHERE starts_at > $1 GROUP BY 2, 3, 4
		ORDER BY 1, 2, 3`, now)
	if err != nil {
		return nil, classify(err)
	}

	owners, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (Owned, error) {
		var o Owned

		err := row.Scan(&o.Kind, &o.Namespace, &o.Name, &o.UID, &o.Rows)

		return o, err
	})

	return owners, classify(err)
}
