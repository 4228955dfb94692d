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
	// Withdrawn says that the slot goes when its booking gives it back.
	Withdrawn bool
	// Identity is the uid that the id was made from.
	Identity string
}

func (r *slotRow) held() bool { return r.Status != statusAvailable }

// lessonDifferences are the columns of which the row says something else about the
// lesson than the Schedule asks for.
func (r *slotRow) lessonDifferences(slot wantedSlot, want Schedule, courseID uuid.UUID) []Difference {
	var d differences
	d.compareIf(r.CourseID != courseID, "course_id", r.CourseID.String(), courseID.String())
	d.compareIf(!r.Start.Equal(slot.Start), "starts_at", moment(r.Start), moment(slot.Start))
	d.compareIf(!r.End.Equal(slot.End), "ends_at", moment(r.End), moment(slot.End))
	d.compare("time_zone", r.TimeZone, want.TimeZone)

	return d
}

// ownerDifferences are the columns that say whose the row is.
func (r *slotRow) ownerDifferences(identity string, want Schedule) []Difference {
	var d differences
	d.compare("resource_uid", r.UID, want.UID)
	d.compare("resource_namespace", r.Namespace, want.Namespace)
	d.compare("resource_name", r.Name, want.Name)
	d.compare("identity_uid", r.Identity, identity)

	return d
}

// differences are all columns of which the row says something else than the Schedule
// asks for.
func (r *slotRow) differences(slot wantedSlot, want Schedule, courseID uuid.UUID) []Difference {
	return append(r.lessonDifferences(slot, want, courseID), r.ownerDifferences(slot.identity, want)...)
}

// orphan reports whether the row comes from a Schedule of the same name that doesn't
// exist any more.
func (r *slotRow) orphan(want Schedule) bool {
	return r.UID != want.UID && r.Namespace == want.Namespace && r.Name == want.Name
}

// slotDiff is what must be written so that the database shows what a Schedule
// asks for, and what it will then show.
type slotDiff struct {
	courseID uuid.UUID
	add      []wantedSlot
	alter    []wantedSlot
	remove   []uuid.UUID
	// mark are rows whose lesson is left as it is, and whose owner, generation or
	// withdrawal is to be written.
	mark []slotMark
	// keep are the future rows that are held and not what the Schedule asks for.
	keep []keptSlot
	// adopted is how many rows come from an earlier Schedule, of which so many are in
	// alter.
	adopted, adoptedAltered int
	// counts, next and kept describe the future slots afterwards.
	counts Counts
	next   time.Time
	kept   int
}

// slotMark is what is to be written about a row beside its lesson.
type slotMark struct {
	id       uuid.UUID
	identity string
	withdraw bool
}

// keptSlot is a held row, and the slot that it should be, if any.
type keptSlot struct {
	row    *slotRow
	wanted *wantedSlot
}

func (d slotDiff) clean() bool {
	return len(d.add)+len(d.alter)+len(d.remove)+len(d.mark) == 0
}

func (d slotDiff) result() SlotsResult {
	added := make([]schedule.Slot, len(d.add))
	for i := range d.add {
		added[i] = d.add[i].Slot
	}

	return SlotsResult{
		Counts:  d.counts,
		Next:    d.next,
		Added:   added,
		Altered: len(d.alter) - d.adoptedAltered,
		Removed: len(d.remove),
		Adopted: d.adopted,
		Kept:    d.kept,
	}
}

// compareSlots decides, row by row, what must be written. The lesson of a row that a
// booking holds is never altered or removed.
func compareSlots(rows []slotRow, want Schedule, courseID uuid.UUID, now time.Time) (slotDiff, error) {
	if err := checkGenerations(rows, want); err != nil {
		return slotDiff{}, err
	}

	slots := resolve(rows, want)

	missing := make(map[uuid.UUID]*wantedSlot, len(slots))
	for i := range slots {
		missing[slots[i].ID] = &slots[i]
	}

	d := slotDiff{courseID: courseID}
	for i := range rows {
		row := &rows[i]
		slot := missing[row.ID]
		delete(missing, row.ID)
		d.compareRow(row, slot, want, now)
	}

	for _, slot := range slots {
		if missing[slot.ID] != nil {
			d.add = append(d.add, slot)
			d.expect(statusAvailable, slot.Start)
		}
	}

	return d, nil
}

// checkGenerations returns a *StaleError with the newest generation of the rows if the
// Schedule is older and the caller has not found out why.
func checkGenerations(rows []slotRow, want Schedule) error {
	newest := int64(0)
	for i := range rows {
		if rows[i].UID == want.UID {
			newest = max(newest, rows[i].Generation)
		}
	}

	if newest > want.Generation && newest > want.Takeover.Generation {
		return &StaleError{Generation: newest}
	}

	return nil
}

func (d *slotDiff) compareRow(row *slotRow, slot *wantedSlot, want Schedule, now time.Time) {
	switch {
	case slot != nil && (row.held() || len(row.differences(*slot, want, d.courseID)) == 0):
		d.compareLesson(row, slot, want, now)
	case row.held():
		d.keepRow(row, nil, want, now)
	case slot != nil:
		d.alter = append(d.alter, *slot)
		d.adopt(row, want)
		d.expect(statusAvailable, slot.Start)

		if row.orphan(want) {
			d.adoptedAltered++
		}
	default:
		d.remove = append(d.remove, row.ID)
	}
}

// compareLesson compares a wanted row that is held, or free and right.
func (d *slotDiff) compareLesson(row *slotRow, slot *wantedSlot, want Schedule, now time.Time) {
	if len(row.lessonDifferences(*slot, want, d.courseID)) > 0 {
		d.keepRow(row, slot, want, now)
		return
	}

	d.expect(row.Status, row.Start)

	if row.Generation != want.Generation || row.Withdrawn || len(row.ownerDifferences(slot.identity, want)) > 0 {
		d.mark = append(d.mark, slotMark{id: row.ID, identity: slot.identity})
		d.adopt(row, want)
	}
}

// keepRow leaves the lesson of a held row as it is, and withdraws it. One that has been
// moved into the past does not count any more.
func (d *slotDiff) keepRow(row *slotRow, slot *wantedSlot, want Schedule, now time.Time) {
	if !row.Start.After(now) {
		return
	}

	d.keep = append(d.keep, keptSlot{row: row, wanted: slot})
	d.kept++
	d.expect(row.Status, row.Start)

	if row.Generation != want.Generation || !row.Withdrawn || len(row.ownerDifferences(row.Identity, want)) > 0 {
		d.mark = append(d.mark, slotMark{id: row.ID, identity: row.Identity, withdraw: true})
		d.adopt(row, want)
	}
}

func (d *slotDiff) adopt(row *slotRow, want Schedule) {
	if row.orphan(want) {
		d.adopted++
	}
}

func (d *slotDiff) expect(status string, start time.Time) {
	d.counts.add(status, 1)

	if d.next.IsZero() || start.Before(d.next) {
		d.next = start
	}
}
