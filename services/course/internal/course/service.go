package course

import (
	"context"

	"github.com/google/uuid"
)

// Catalogue answers what people ask about courses and slots. Answers are never older
// than the moment of the question.
type Catalogue interface {
	// Courses returns published courses.
	Courses(ctx context.Context, q Query) (Page[Course], error)
	// Course returns a published course, or ErrNotFound.
	Course(ctx context.Context, ref Ref) (Course, error)
	// Available returns slots that can be booked, or ErrNotFound for a course that is
	// unknown or not published.
	Available(ctx context.Context, q AvailableQuery) (Page[Slot], error)
	// Slots returns slots of any course and status.
	Slots(ctx context.Context, q SlotQuery) (Page[Slot], error)
	// CountPublished returns how many courses are published.
	CountPublished(ctx context.Context) (int64, error)
	// Lookup returns courses and slots by id, published or not; unknown ids are left out.
	Lookup(ctx context.Context, courses, slots []uuid.UUID) ([]Course, []Slot, error)
	// Candidates returns all published courses, each with its next free slot.
	Candidates(ctx context.Context) ([]Candidate, error)
}

// Settler hands the slots of a booking over in one transaction.
type Settler interface {
	// Settle locks the booking's reservation, and makes the reservation and its slots
	// what decide returns. For an unknown booking decide gets one without a state.
	// Slots that the booking doesn't hold are never touched.
	Settle(ctx context.Context, bookingID uuid.UUID, decide func(Reservation) Reservation) (Reservation, error)
}

// ReservationStore keeps reservations. Each call is one transaction.
type ReservationStore interface {
	Settler
	// Reserve gives all slots to the booking, or none. It calls check with what the
	// hold asks for, locked against changes, and returns its refusal. A booking that is
	// known already is returned as it is, without a check.
	Reserve(ctx context.Context, hold Hold, check func(Offer) error) (Reservation, error)
}

// Reserve holds all slots for the booking, or none. A booking that was settled already
// holds nothing new, and is answered with its state. Refusals are those of Hold.Check.
// It may be called again, and late.
func Reserve(ctx context.Context, store ReservationStore, hold Hold) (Reservation, error) {
	return store.Reserve(ctx, hold, hold.Check)
}

// Settle ends the wait for a decision: the confirmed slot is booked and the others go
// back, or all go back when confirmed is nil. It returns what has become of the
// booking, which is not what was asked for if something else was decided before.
// It may be called again, late and out of order.
func Settle(ctx context.Context, store Settler, bookingID uuid.UUID, confirmed *uuid.UUID) (Reservation, error) {
	settled, err := store.Settle(ctx, bookingID, func(current Reservation) Reservation {
		if confirmed == nil {
			return current.Release()
		}

		return current.Confirm(*confirmed)
	})
	if err == nil && settled.State == "" {
		settled.State = Released // Nobody knows the booking, so it holds nothing.
	}

	return settled, err
}
