package store

import (
	"time"

	"github.com/google/uuid"

	"github.com/shema-music/shema/operator/internal/schedule"
)

// slotRow is a slot as the database shows it.
type slotRow struct {
	Origin

	ID, CourseID uuid.UUID
	Start, End   time.Time
	TimeZone     string
	Status       string
}

func (r *slotRow) held() bool { return r.Status != statusAvailable }

// shows reports whether the row says what the Schedule asks for.
func (r *slotRow) shows(slot schedule.Slot, want Schedule, courseID uuid.UUID) bool {
	return len(r.differences(slot, want, courseID)) == 0
}

// differences are the columns of which the row says something else than the
// Schedule asks for.
func (r *slotRow) differences(slot schedule.Slot, want Schedule, courseID uuid.UUID) []Difference {
	var d differences
	d.compareIf(r.CourseID != courseID, "course_id", r.CourseID.String(), courseID.String())
	d.compareIf(!r.Start.Equal(slot.Start), "starts_at", moment(r.Start), moment(slot.Start))
	d.compareIf(!r.End.Equal(slot.End), "ends_at", moment(r.End), moment(slot.End))
	d.compare("time_zone", r.TimeZone, want.TimeZone)
	d.compare("resource_uid", r.UID, want.UID)
	d.compare("resource_namespace", r.Namespace, want.Namespace)
	d.compare("resource_name", r.Name, want.Name)
	return d
}

// slotDiff is what must be written so that the database shows what a Schedule
// asks for, and what it will then show.
type slotDiff struct {
	courseID uuid.UUID
	add      []schedule.Slot
	alter    []schedule.Slot
	remove   []uuid.UUID
	// touch are rows that are right but carry an older generation.
	touch []uuid.UUID
	// keep are future rows that are not right, but held.
	keep []uuid.UUID
	// counts and next describe the future slots afterwards.
	counts Counts
	next   time.Time
}

func (d slotDiff) clean() bool {
	return len(d.add)+len(d.alter)+len(d.remove)+len(d.touch) == 0
}

func (d slotDiff) result() SlotsResult {
	return SlotsResult{
		Counts: d.counts, Next: d.next, Added: d.add, Altered: len(d.alter), Removed: len(d.remove), Kept: len(d.keep),
	}
}

// compareSlots decides, row by row, what must be written. Rows that a booking
// holds are never altered or removed.
func compareSlots(rows []slotRow, want Schedule, courseID uuid.UUID, now time.Time) (slotDiff, error) {
	missing := make(map[uuid.UUID]schedule.Slot, len(want.Slots))
	for _, slot := range want.Slots {
		missing[slot.ID] = slot
	}
	d := slotDiff{courseID: courseID}
	for i := range rows {
		row := &rows[i]
		if row.UID == want.UID && row.Generation > want.Generation {
			return slotDiff{}, ErrStale
		}
		slot, wanted := missing[row.ID]
		delete(missing, row.ID)
		d.compareRow(row, slot, wanted, want, now)
	}
	for _, slot := range want.Slots {
		if _, ok := missing[slot.ID]; ok {
			d.add = append(d.add, slot)
			d.expect(statusAvailable, slot.Start)
		}
	}
	return d, nil
}

func (d *slotDiff) compareRow(row *slotRow, slot schedule.Slot, wanted bool, want Schedule, now time.Time) {
	right := wanted && row.shows(slot, want, d.courseID)
	switch {
	case right && row.Generation < want.Generation:
		d.touch = append(d.touch, row.ID)
		d.expect(row.Status, row.Start)
	case right:
		d.expect(row.Status, row.Start)
	case row.held():
		d.leave(row, now)
	case wanted:
		d.alter = append(d.alter, slot)
		d.expect(statusAvailable, slot.Start)
	default:
		d.remove = append(d.remove, row.ID)
	}
}

// leave leaves a held row as it is; one that has been moved into the past does
// not count any more.
func (d *slotDiff) leave(row *slotRow, now time.Time) {
	if row.Start.After(now) {
		d.keep = append(d.keep, row.ID)
		d.expect(row.Status, row.Start)
	}
}

func (d *slotDiff) expect(status string, start time.Time) {
	d.counts.add(status, 1)
	if d.next.IsZero() || start.Before(d.next) {
		d.next = start
	}
}
