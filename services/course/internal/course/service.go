package course

import (
	"context"
	"slices"

	"github.com/google/uuid"

	"github.com/shema-music/shema/services/kit/batch"
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
	// Candidates returns all published courses, each with its next free slot, and the state of the catalogue in which they
	// are so; nil instead of the courses if that is the known one.
	Candidates(ctx context.Context, known *uuid.UUID) (found []Candidate, state uuid.UUID, err error)
	// Teachers returns the addresses of the courses' teachers; unknown ids are left out.
	Teachers(ctx context.Context, courses []uuid.UUID) ([]Teacher, error)
	// Occupancy counts slots by course, teacher or time of the week.
	Occupancy(ctx context.Context, q OccupancyQuery) ([]Occupancy, error)
}

// Settler hands the slots of bookings over in one transaction.
type Settler interface {
	// Settle locks the bookings' reservations, and makes each reservation and its slots
	// what decide returns; decide gets and returns them in the order of the ids. For an
	// unknown booking it gets one without a state. Slots that a booking doesn't hold are
	// never touched.
	Settle(ctx context.Context, bookings []uuid.UUID, decide func([]Reservation) []Reservation) ([]Reservation, error)
}

// ReservationStore keeps reservations. Each call is one transaction.
type ReservationStore interface {
	Settler
	// Reserve gives all slots to the booking, or none. It calls check with what the
	// hold asks for, locked against changes, and returns its refusal. A booking that is
	// known already is returned as it is, without a check.
	Reserve(ctx context.Context, hold Hold, check func(Offer) error) (Reservation, error)
	// ReserveFree gives all their slots to those bookings that are new and whose hold
	// Check would not refuse, and returns their reservations. It waits for no
	// other booking, and leaves out whatever is not as clear as that. No two of the
	// holds may be for the same booking or want the same slot.
	ReserveFree(ctx context.Context, holds []Hold) (map[uuid.UUID]Reservation, error)
}

// Reserve holds all slots for the booking, or none. A booking that was settled already
// holds nothing new, and is answered with its state. Refusals are those of Hold.Check.
// It may be called again, and late.
func Reserve(ctx context.Context, store ReservationStore, hold Hold) (Reservation, error) {
	one := ReserveMany(ctx, store, []Hold{hold})[0]
	return one.Answer, one.Err
}

// ReserveMany is Reserve for several bookings, each with a result of its own, in their
// order. Where nothing is in the way, which is nearly always so, all are one statement.
func ReserveMany(ctx context.Context, store ReservationStore, holds []Hold) []batch.Result[Reservation] {
	reserved, err := store.ReserveFree(ctx, apart(holds))
	if err != nil {
		reserved = nil // Each finds out by itself what has happened, and whether the store is there.
	}

	return batch.Each(holds, func(h Hold) (Reservation, error) {
		if done, ok := reserved[h.BookingID]; ok {
			return done, nil
		}

		return store.Reserve(ctx, h, h.Check)
	})
}

// apart leaves out holds whose booking or slots one before them has.
func apart(holds []Hold) []Hold {
	taken := map[uuid.UUID]bool{}

	return slices.DeleteFunc(slices.Clone(holds), func(h Hold) bool {
		ids := append([]uuid.UUID{h.BookingID}, h.SlotIDs...)
		if slices.ContainsFunc(ids, func(id uuid.UUID) bool { return taken[id] }) {
			return true
		}

		for _, id := range ids {
			taken[id] = true
		}

		return false
	})
}

// Settlement is what was decided about a booking.
type Settlement struct {
	BookingID uuid.UUID
	// Confirmed is the slot that the booking gets; nil gives all of them back.
	Confirmed *uuid.UUID
	// Replaces is the booking that ends with the confirmation, or nil.
	Replaces *uuid.UUID
}

// bookings returns whose reservations it is about.
func (s Settlement) bookings() []uuid.UUID {
	if s.Confirmed == nil || s.Replaces == nil {
		return []uuid.UUID{s.BookingID}
	}

	return []uuid.UUID{s.BookingID, *s.Replaces}
}

// decide returns what becomes of the reservations. The replaced booking has ended
// whatever has become of the other one since.
func (s Settlement) decide(current []Reservation) []Reservation {
	if s.Confirmed == nil {
		return []Reservation{current[0].Release()}
	}

	next := []Reservation{current[0].Confirm(*s.Confirmed)}
	for _, replaced := range current[1:] {
		next = append(next, replaced.Release())
	}

	return next
}

// Settle ends the wait for a decision: the confirmed slot is booked and the others go
// back, also that of the booking that it replaces, or all go back when none is
// confirmed. It returns what has become of the booking, which is not what was asked for
// if something else was decided before. It may be called again, late and out of order.
func Settle(ctx context.Context, store Settler, s Settlement) (Reservation, error) {
	settled, err := store.Settle(ctx, s.bookings(), s.decide)
	if err != nil {
		return Reservation{}, err
	}

	first := settled[0]
	if first.State == "" {
		first.State = Released // The store doesn't know the booking, so it holds nothing.
	}

	return first, nil
}
