package course

import (
	"slices"
	"time"

	"github.com/google/uuid"

	courseerrs "github.com/shema-music/shema/services/contracts/course/errs"
	"github.com/shema-music/shema/services/contracts/errs"
)

// State is what has become of a booking's slots. States only move forward.
type State string

// The states of a reservation. A booking that was never seen has none.
const (
	// Reserved holds all its slots.
	Reserved State = "reserved"
	// Confirmed holds its chosen slot as booked.
	Confirmed State = "confirmed"
	// Released holds nothing, and never will.
	Released State = "released"
)

// Reservation is a booking seen from its slots.
type Reservation struct {
	BookingID uuid.UUID
	// CourseID is nil for a booking that was released before it reserved anything.
	CourseID        *uuid.UUID
	SlotIDs         []uuid.UUID
	ConfirmedSlotID *uuid.UUID
	State           State
	// Package is the one that was asked for, as it was then, or nil.
	Package *Package
	// Snapshot comes with the answer to a reserve that holds its slots.
	Snapshot *Snapshot
}

// Snapshot is what a booking is about, as of the moment of the answer.
type Snapshot struct {
	Course  SnapshotCourse
	Package *Package
	Slots   []Slot
}

// SnapshotCourse is a course as bookings remember it. TeacherEmail names the account that gives its lessons.
type SnapshotCourse struct {
	ID                             uuid.UUID
	Name, Title, Instrument, Level string
	Teacher, TeacherEmail          *string
}

// Confirm returns the reservation with slot chosen. It changes nothing unless the
// slots are held for a decision and slot is one of them: then the call is late,
// doubled, or wrong.
func (r Reservation) Confirm(slot uuid.UUID) Reservation {
	if r.State != Reserved || !slices.Contains(r.SlotIDs, slot) {
		return r
	}

	r.State, r.ConfirmedSlotID = Confirmed, &slot

	return r
}

// Release returns the reservation that holds nothing any more, whatever it was.
func (r Reservation) Release() Reservation {
	r.State = Released
	return r
}

// Holds returns the slot that stays booked, or nil when all slots go back.
func (r Reservation) Holds() *uuid.UUID {
	if r.State == Confirmed {
		return r.ConfirmedSlotID
	}

	return nil
}

// Hold is the wish of a booking to reserve slots of a course, all or none. Package is
// the name of one of the course's packages, nil for none.
type Hold struct {
	BookingID, CourseID uuid.UUID
	SlotIDs             []uuid.UUID
	Package             *string
}

// Offer is what there is of what a Hold asks for; slots that are withdrawn are not
// among it. Now is the database's time.
type Offer struct {
	CoursePublished bool
	Course          SnapshotCourse
	Packages        []Package
	Slots           []Slot
	Now             time.Time
}

// Package returns the package of that name, or nil.
func (o Offer) Package(name *string) *Package {
	for _, p := range o.Packages {
		if name != nil && p.Name == *name {
			return &p
		}
	}

	return nil
}

// Check returns nil if all slots can be held, and otherwise the first that applies of
// NotFound, PackageUnknown, InvalidSlots (missing), CourseMismatch, SlotInPast,
// InvalidSlots (held by another booking).
func (h Hold) Check(o Offer) error {
	if !o.CoursePublished {
		return courseerrs.NotFound
	}

	if h.Package != nil && o.Package(h.Package) == nil {
		return courseerrs.PackageUnknown
	}

	if missing := h.missing(o.Slots); len(missing) > 0 {
		return courseerrs.InvalidSlots.With(map[string]any{"slot_ids": missing})
	}

	rules := []struct {
		refusal *errs.Kind
		broken  func(Slot) bool
	}{
		{courseerrs.CourseMismatch, func(s Slot) bool { return s.CourseID != h.CourseID }},
		{courseerrs.SlotInPast, func(s Slot) bool { return !s.StartsAt.After(o.Now) }},
		{courseerrs.InvalidSlots, func(s Slot) bool { return s.Status != SlotAvailable }},
	}
	for _, rule := range rules {
		if bad := idsOf(o.Slots, rule.broken); len(bad) > 0 {
			return rule.refusal.With(map[string]any{"slot_ids": bad})
		}
	}

	return nil
}

// idsOf returns the ids of the slots for which want is true.
func idsOf(slots []Slot, want func(Slot) bool) []uuid.UUID {
	var ids []uuid.UUID
	for _, slot := range slots {
		if want(slot) {
			ids = append(ids, slot.ID)
		}
	}

	return ids
}

func (h Hold) missing(slots []Slot) []uuid.UUID {
	return slices.DeleteFunc(slices.Clone(h.SlotIDs), func(id uuid.UUID) bool {
		return slices.ContainsFunc(slots, func(s Slot) bool { return s.ID == id })
	})
}
