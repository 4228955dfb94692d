package booking

import (
	"context"
	"time"

	"github.com/google/uuid"

	coursehttp "github.com/shema-music/shema/services/contracts/course/http"
	userhttp "github.com/shema-music/shema/services/contracts/user/http"
)

// Store keeps bookings and remembered answers. Every method is one transaction; whatever changes a status also
// publishes its event in it, and a decision inserts the job that makes the slots follow.
type Store interface {
	HoldStore
	DecisionStore
	ListStore
}

// HoldStore is what the saga needs.
type HoldStore interface {
	// Hold inserts a holding booking for the request, with the job that finishes it, or says what is in the way.
	// Returns ErrIdempotencyMismatch when the key belongs to another request.
	Hold(ctx context.Context, r Request) (Hold, error)
	// Remember keeps the answer under the request's key, and returns the one that counts: the first.
	// Returns ErrIdempotencyMismatch when the key belongs to another request.
	Remember(ctx context.Context, r Request, a Answer) (Answer, error)
	// MakePending turns a holding booking that is not abandoned into a pending one for that lesson; ok is false if there
	// is none.
	MakePending(ctx context.Context, id uuid.UUID, l *Lesson) (b Booking, ok bool, err error)
	// Abandon marks a holding booking as one to be undone, and remembers the answer, if there is one, for its key.
	// Ok is false if the booking was decided, abandoned or removed before.
	Abandon(ctx context.Context, id uuid.UUID, a *Answer) (ok bool, err error)
	// AbandonOlder is Abandon without an answer for a booking that has been held for longer than age.
	AbandonOlder(ctx context.Context, id uuid.UUID, age time.Duration) (ok bool, err error)
	// Remove deletes an abandoned booking; that there is none is fine.
	Remove(ctx context.Context, id uuid.UUID) error
	// StaleHolds returns up to limit bookings that have been held for longer than age.
	StaleHolds(ctx context.Context, age time.Duration, limit int) ([]uuid.UUID, error)
	// ForgetAnswers deletes up to limit remembered answers older than a day, and returns how many.
	ForgetAnswers(ctx context.Context, limit int) (int, error)
}

// DecisionStore is what ends bookings.
type DecisionStore interface {
	// Decide applies the decision and returns the booking, or the Decision's refusal.
	Decide(ctx context.Context, d Decision) (Booking, error)
	// Expire rejects a pending booking whose deadline has passed; ok is false if it is not one.
	Expire(ctx context.Context, id uuid.UUID) (b Booking, ok bool, err error)
	// ExpireDue rejects up to limit pending bookings whose deadline has passed, except those that another replica is
	// just changing.
	ExpireDue(ctx context.Context, limit int) ([]Booking, error)
}

// ListStore is what shows bookings.
type ListStore interface {
	// Find returns a booking in any status, or ErrNotFound.
	Find(ctx context.Context, id uuid.UUID) (Booking, error)
	// List returns bookings that the filter lets through.
	List(ctx context.Context, f Filter) ([]Booking, error)
	// CountPending returns how many bookings wait for a decision.
	CountPending(ctx context.Context) (int64, error)
}

// Filter chooses bookings for a list. Holding bookings are never in it.
type Filter struct {
	// UserID and Status leave only bookings of that user, and with that status.
	UserID *uuid.UUID
	Status *Status
	// OldestFirst turns the order around.
	OldestFirst bool
	// After is the last booking of the page before.
	After *Position
	// Limit is how many bookings at most.
	Limit int
}

// Position is a booking's place in a list.
type Position struct {
	CreatedAt time.Time `json:"t"`
	ID        uuid.UUID `json:"i"`
}

// ReservationState is what the course service knows about a booking's slots.
type ReservationState string

// Reserved bookings hold both slots, booked ones the confirmed one, released ones none for ever.
const (
	SlotsReserved ReservationState = "reserved"
	SlotsBooked   ReservationState = "confirmed"
	SlotsReleased ReservationState = "released"
)

// Reservation is the course service's answer to a reserve. Lesson is nil unless the slots are reserved.
type Reservation struct {
	State  ReservationState
	Lesson *Lesson
}

// Courses is the course service. Its calls are idempotent by booking id.
type Courses interface {
	// Reserve takes both slots or none: ErrCourseNotFound, ErrInvalidSlots, ErrCourseMismatch or ErrSlotInPast.
	// Every other error leaves open whether the slots are held.
	Reserve(ctx context.Context, b *Booking) (Reservation, error)
	// Settle books the confirmed slot and frees the other, or frees both when confirmed is nil.
	Settle(ctx context.Context, bookingID uuid.UUID, confirmed *uuid.UUID) (ReservationState, error)
	// Lookup returns courses and slots by id; unknown ids are left out.
	Lookup(ctx context.Context, courses, slots []uuid.UUID) (Catalogue, error)
}

// Catalogue is a part of the course service's catalogue, by id.
type Catalogue struct {
	Courses map[uuid.UUID]coursehttp.Course
	Slots   map[uuid.UUID]coursehttp.Slot
}

// Users is the user service.
type Users interface {
	// Lookup returns people by id; unknown ids are left out.
	Lookup(ctx context.Context, ids []uuid.UUID) (map[uuid.UUID]userhttp.User, error)
}
