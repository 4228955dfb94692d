package booking

import (
	"context"
	"time"

	"github.com/google/uuid"
)

// Store keeps bookings and remembered answers. Every method is one transaction; whatever changes a status also
// publishes its event in it, and a decision is noted as unfinished until the slots have followed.
type Store interface {
	HoldStore
	DecisionStore
	ListStore
	LessonStore
	TeacherStore
	NoticeStore
	CalendarStore
	RepairStore
	SnapshotStore
}

// HoldStore is what the saga needs.
type HoldStore interface {
	// Hold inserts a holding booking for the request, to be finished later if its request does not, or says what is in the way.
	// Returns IdempotencyMismatch when the key belongs to another request, RateLimited when the person has used up their
	// budget, and what Request.MayReplace says of a booking that shall be replaced.
	Hold(ctx context.Context, r Request) (Hold, error)
	// Remember keeps the answer under the request's key, and returns the one that counts: the first.
	// Returns IdempotencyMismatch when the key belongs to another request.
	Remember(ctx context.Context, r Request, a Answer) (Answer, error)
	// MakePending turns a booking that is still held and not abandoned into a pending one that is about what the snapshot
	// says; ok is false if it is not.
	MakePending(ctx context.Context, held *Booking, about *Snapshot) (b Booking, ok bool, err error)
	// Abandon marks a holding booking as one to be undone, and remembers the answer, if there is one, for its key.
	// Ok is false if the booking was decided, abandoned or removed before.
	Abandon(ctx context.Context, id uuid.UUID, a *Answer) (ok bool, err error)
	// AbandonOlder is Abandon without an answer for a booking that has been held for longer than age.
	AbandonOlder(ctx context.Context, id uuid.UUID, age time.Duration) (ok bool, err error)
	// Finished notes that the bookings need not be finished any more, as far as they were in that state or an older one.
	Finished(ctx context.Context, done map[uuid.UUID]int64) error
	// TakeUnfinished returns up to limit bookings that are to be finished now, and leaves them to the caller for the
	// time of the lease.
	TakeUnfinished(ctx context.Context, lease time.Duration, limit int) ([]uuid.UUID, error)
	// PutOff has a booking finished a little later, each time later than the time before.
	PutOff(ctx context.Context, id uuid.UUID) error
	// OldestUnfinished returns for how long the oldest unfinished booking has been so, 0 if there is none.
	OldestUnfinished(ctx context.Context) (time.Duration, error)
	// Remove deletes an abandoned booking; that there is none is fine.
	Remove(ctx context.Context, id uuid.UUID) error
	// StaleHolds returns up to limit bookings that have been held for longer than age.
	StaleHolds(ctx context.Context, age time.Duration, limit int) ([]uuid.UUID, error)
	// ForgetAnswers deletes up to limit remembered answers older than a day, and returns how many.
	ForgetAnswers(ctx context.Context, limit int) (int, error)
}

// DecisionStore is what ends bookings.
type DecisionStore interface {
	// Decide locks the booking, and the one that it replaces, and applies the decision, or returns its refusal.
	Decide(ctx context.Context, d Decision) (Outcome, error)
	// Expire rejects a pending booking whose deadline has passed; ok is false if it is not one.
	Expire(ctx context.Context, id uuid.UUID) (b Booking, ok bool, err error)
	// ExpireDue rejects up to limit pending bookings whose deadline has passed, except those that another replica is
	// just changing.
	ExpireDue(ctx context.Context, limit int) ([]Booking, error)
}

// ListStore is what shows bookings.
type ListStore interface {
	// Find returns a booking in any status, or NotFound.
	Find(ctx context.Context, id uuid.UUID) (Booking, error)
	// List returns bookings that the filter lets through.
	List(ctx context.Context, f Filter) ([]Booking, error)
	// CountPending returns how many bookings wait for a decision.
	CountPending(ctx context.Context) (int64, error)
	// Report counts bookings by what they are now.
	Report(ctx context.Context, q ReportQuery) ([]ReportRow, error)
}

// LessonStore is what shows confirmed bookings as lessons.
type LessonStore interface {
	// Lessons returns confirmed bookings that the filter lets through, by the lesson's time.
	Lessons(ctx context.Context, f LessonFilter) ([]Booking, error)
	// Attend locks the booking and notes the attendance, or returns what Attendance.Refusal says.
	Attend(ctx context.Context, a Attendance) (Booking, error)
}

// Filter chooses bookings for a list. Holding bookings are never in it.
type Filter struct {
	// UserID, CourseID and Status leave only bookings of that user, of that course, and with that status.
	UserID, CourseID *uuid.UUID
	Status           *Status
	// From is inclusive, To exclusive; both bound the creation.
	From, To *time.Time
	// OldestFirst turns the order around.
	OldestFirst bool
	// After is the last booking of the page before.
	After *Position
	// Limit is how many bookings at most.
	Limit int
}

// LessonFilter chooses lessons. The fields that are set must all hold.
type LessonFilter struct {
	UserID, TeacherID, CourseID *uuid.UUID
	// From is inclusive, nil is now; To is exclusive. Both bound the lesson's start.
	From, To *time.Time
	After    *Position
	Limit    int
}

// Position is a booking's place in a list: its creation or its lesson's start, and its id.
type Position struct {
	At time.Time `json:"t"`
	ID uuid.UUID `json:"i"`
}

// ReservationState is what the course service knows about a booking's slots.
type ReservationState string

// Reserved bookings hold both slots, booked ones the confirmed one, released ones none for ever.
const (
	SlotsReserved ReservationState = "reserved"
	SlotsBooked   ReservationState = "confirmed"
	SlotsReleased ReservationState = "released"
)

// Reservation is the course service's answer to a reserve. Snapshot is nil unless the slots are reserved.
type Reservation struct {
	State    ReservationState
	Snapshot *Snapshot
}

// Settlement is what a decided booking holds from now on.
type Settlement struct {
	BookingID uuid.UUID
	// Confirmed is the slot that it got; nil gives both back.
	Confirmed *uuid.UUID
	// Replaces is the booking that ended with the confirmation, or nil.
	Replaces *uuid.UUID
}

// Courses is the course service. Its calls are idempotent by booking id.
type Courses interface {
	// Reserve takes both slots or none: NotFound of a course, InvalidSlots, CourseMismatch, SlotInPast or PackageUnknown.
	// Every other error leaves open whether the slots are held.
	Reserve(ctx context.Context, b *Booking) (Reservation, error)
	// Settle books the confirmed slot and frees the others, or frees all.
	Settle(ctx context.Context, s Settlement) (ReservationState, error)
	// Teachers returns the addresses of the courses' teachers, nil for none; unknown courses are left out.
	Teachers(ctx context.Context, courses []uuid.UUID) (map[uuid.UUID]*string, error)
	// Describe returns the courses and slots that there are.
	Describe(ctx context.Context, courses, slots []uuid.UUID) (Catalogue, error)
}

// Person is what admins see of a student or teacher. Phone is nil where none is named.
type Person struct {
	ID              uuid.UUID
	FullName, Email string
	Phone           *string
}

// Users is the user service.
type Users interface {
	// Lookup returns people by id; unknown ids and those of people who have left are left out.
	Lookup(ctx context.Context, ids []uuid.UUID) (map[uuid.UUID]Person, error)
	// Teachers returns the accounts of teachers by address; addresses without one are left out.
	Teachers(ctx context.Context, emails []string) (map[string]uuid.UUID, error)
	// Tell gives a notice, once however often it is called.
	Tell(ctx context.Context, m Message) error
	// CalendarOwner returns whose calendar's secret has that SHA-256 (base64url), or NotFound.
	CalendarOwner(ctx context.Context, hash string) (CalendarOwner, error)
	// Activate says that these students have a confirmed booking.
	Activate(ctx context.Context, students []uuid.UUID) error
	// ReportErased says that nothing is kept of the person any more.
	ReportErased(ctx context.Context, id uuid.UUID) error
}
