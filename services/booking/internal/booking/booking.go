// Package booking decides about bookings: the rules, the saga with the course service, and the deadline.
package booking

import (
	"time"

	"github.com/google/uuid"

	bookingevents "github.com/shema-music/shema/services/contracts/booking/events"
)

// Status is what has become of a booking.
type Status string

// The statuses of the contract, and Holding, which only this service sees: the slots are being reserved.
const (
	Holding   Status = "holding"
	Pending   Status = "pending"
	Confirmed Status = "confirmed"
	Rejected  Status = "rejected"
	Cancelled Status = "cancelled"
)

// Reason says why a booking has ended.
type Reason string

// ByDeadline is the reason of a booking that was not decided in time, ByAdmin of a rejected or revoked one, ByStudent
// of a cancelled one, ByReschedule of one that another booking has replaced.
const (
	ByDeadline   Reason = bookingevents.ReasonExpired
	ByAdmin      Reason = bookingevents.ReasonAdmin
	ByStudent    Reason = bookingevents.ReasonStudent
	ByReschedule Reason = bookingevents.ReasonRescheduled
)

// Booking is a student's request for a lesson at one of two slots. Its deadline is 72 hours after its creation.
// The tags are for remembered answers in the store.
type Booking struct {
	ID           uuid.UUID `json:"id"`
	UserID       uuid.UUID `json:"user_id"`
	CourseID     uuid.UUID `json:"course_id"`
	FirstChoice  uuid.UUID `json:"first_choice_slot_id"`
	SecondChoice uuid.UUID `json:"second_choice_slot_id"`
	// Package is the name of the course's package, or nil.
	Package      *string `json:"package,omitempty"`
	Status       Status  `json:"status"`
	StatusReason *Reason `json:"status_reason"`
	// StateVersion counts the statuses: 0 is holding, 1 pending, and each change adds one.
	StateVersion int64 `json:"state_version,omitempty"`
	// Abandoned marks a holding booking that can only be undone.
	Abandoned       bool       `json:"-"`
	Note            *string    `json:"note"`
	CreatedAt       time.Time  `json:"created_at"`
	ExpiresAt       time.Time  `json:"expires_at"`
	ConfirmedSlotID *uuid.UUID `json:"confirmed_slot_id"`
	ConfirmedAt     *time.Time `json:"confirmed_at"`
	// DecidedBy is the person who gave the booking its present status, and DecidedAt when; both are nil while it is
	// pending, and where the deadline did.
	DecidedBy    *uuid.UUID `json:"decided_by,omitempty"`
	DecidedAt    *time.Time `json:"decided_at,omitempty"`
	DecisionNote *string    `json:"decision_note"`
	// Replaces is the confirmed booking that ends when this one is confirmed; ReplacedBy is the one that ended this.
	Replaces   *uuid.UUID `json:"replaces,omitempty"`
	ReplacedBy *uuid.UUID `json:"replaced_by,omitempty"`
	// TeacherID is the account that gives, or gave, the confirmed lesson; nil where there is none.
	TeacherID *uuid.UUID `json:"teacher_id,omitempty"`
	// TeacherChanges counts how often the lesson got another teacher after it was confirmed, TeacherChangedAt is when it
	// last did.
	TeacherChanges   int64      `json:"-"`
	TeacherChangedAt *time.Time `json:"-"`
	// Attended says whether the student was there, nil until the teacher or an admin has said it.
	Attended       *bool   `json:"-"`
	AttendanceNote *string `json:"-"`
	// UpdatedAt is when the booking got its present status.
	UpdatedAt time.Time `json:"updated_at"`
	// Snapshot is nil while nothing is held.
	Snapshot *Snapshot `json:"lesson,omitempty"`
}

// Snapshot is what a booking is about, as the course service said when it held the slots; it outlives the catalogue.
// Slots are by id; those that are held don't move. The tags are for the store.
type Snapshot struct {
	Course  Course             `json:"course"`
	Package *Package           `json:"package"`
	Slots   map[uuid.UUID]Slot `json:"slots"`
}

// Course is a course as bookings remember it. Teacher is the name shown, or nil.
type Course struct {
	ID         uuid.UUID `json:"id"`
	Name       string    `json:"name"`
	Title      string    `json:"title"`
	Instrument string    `json:"instrument"`
	Level      string    `json:"level"`
	Teacher    *string   `json:"teacher"`
}

// Package is several lessons that are sold together. Price is a decimal number.
type Package struct {
	Name     string  `json:"name"`
	Title    string  `json:"title"`
	Lessons  int     `json:"lessons"`
	Price    *string `json:"price"`
	Currency *string `json:"currency"`
}

// Slot is when a lesson takes place. TimeZone is the IANA name of the zone in which the school keeps it.
type Slot struct {
	StartsAt time.Time `json:"startsAt"`
	EndsAt   time.Time `json:"endsAt"`
	TimeZone string    `json:"timeZone"`
}

// MadePending returns what becomes of a held booking when its slots are reserved; the store adds the moment.
func (b *Booking) MadePending(about *Snapshot) Booking {
	next := *b
	next.Status, next.StateVersion, next.Snapshot = Pending, 1, about

	return next
}

// Course returns the course as the booking remembers it. Bookings of before snapshots know its id alone.
func (b *Booking) Course() Course {
	if b.Snapshot == nil {
		return Course{ID: b.CourseID}
	}

	course := b.Snapshot.Course
	course.ID = b.CourseID

	return course
}

// Slot returns one of the two chosen slots, or nil where the booking doesn't know when it is.
func (b *Booking) Slot(id uuid.UUID) *Slot {
	if b.Snapshot == nil {
		return nil
	}

	return entry(b.Snapshot.Slots, id)
}

// Lesson returns the confirmed slot, or nil where there is none, or the booking doesn't know when it is.
func (b *Booking) Lesson() *Slot {
	if b.ConfirmedSlotID == nil {
		return nil
	}

	return b.Slot(*b.ConfirmedSlotID)
}

// Sequence counts the changes of a confirmed lesson that calendars have to follow, from 0 on: of its status, and of its
// teacher. Its title and time are those of the snapshot and don't change.
func (b *Booking) Sequence() int64 {
	const confirmedFirst = 2 // the state version of a booking that has just been confirmed
	return max(0, b.StateVersion-confirmedFirst) + b.TeacherChanges
}

// LastChange is when the lesson last changed in a way that Sequence counts.
func (b *Booking) LastChange() time.Time {
	if b.TeacherChangedAt != nil && b.TeacherChangedAt.After(b.UpdatedAt) {
		return *b.TeacherChangedAt
	}

	return b.UpdatedAt
}

// ExpiredBy reports whether the booking waits for a decision although its deadline has passed.
func (b *Booking) ExpiredBy(now time.Time) bool {
	return b.Status == Pending && !now.Before(b.ExpiresAt)
}

// Viewer is who looks at bookings: admins see all, students their own, teachers the lessons that they give.
type Viewer struct {
	UserID  uuid.UUID
	Admin   bool
	Teacher bool
}

// MaySee reports whether the booking exists for this viewer.
func (v Viewer) MaySee(b *Booking) bool {
	return b.Status != Holding && (v.Admin || b.UserID == v.UserID)
}
