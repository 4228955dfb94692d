package bookingtest

import (
	"testing"

	"github.com/google/uuid"

	"github.com/shema-music/shema/services/booking/internal/booking"
	coursehttp "github.com/shema-music/shema/services/contracts/course/http"
)

// Wish returns a request of a new student for the two slots.
func Wish(courseID, first, second uuid.UUID) booking.Request {
	return booking.Request{
		UserID:       uuid.New(),
		CourseID:     courseID,
		FirstChoice:  first,
		SecondChoice: second,
	}
}

// CheckInvariants fails the test unless bookings and slots agree, as they must when nothing is in flight: nothing is
// held, every pending booking holds exactly its two slots, every confirmed one its chosen slot, and no other booking any.
// A rescheduled booking ended at the moment at which the one that replaced it was confirmed.
func (w *World) CheckInvariants(t *testing.T) {
	t.Helper()

	bookings := map[uuid.UUID]booking.Booking{}
	for _, b := range w.All(t) {
		bookings[b.ID] = b
	}

	for _, b := range bookings {
		checkReplaced(t, b, bookings)
	}

	want := w.expectedSlots(t, bookings)
	for id, slot := range w.Courses.Slots() {
		expected, held := want[id]
		if !held {
			expected.Status = coursehttp.SlotStatusAvailable
		}

		if slot.Status != expected.Status || slot.BookingID != expected.BookingID {
			t.Errorf("slot %s is %s for %s, not %s for %s", id, slot.Status, slot.BookingID, expected.Status, expected.BookingID)
		}
	}
}

// expectedSlots returns the slots that the bookings hold, by id.
func (w *World) expectedSlots(t *testing.T, bookings map[uuid.UUID]booking.Booking) map[uuid.UUID]Slot {
	t.Helper()

	want := map[uuid.UUID]Slot{}
	hold := func(slot, bookingID uuid.UUID, status coursehttp.SlotStatus) {
		if other, taken := want[slot]; taken {
			t.Errorf("slot %s has two holders: %s and %s", slot, other.BookingID, bookingID)
		}

		want[slot] = Slot{Slot: coursehttp.Slot{Status: status}, BookingID: bookingID}
	}

	for _, b := range bookings {
		switch b.Status {
		case booking.Holding:
			t.Errorf("booking %s is still held", b.ID)
		case booking.Pending:
			hold(b.FirstChoice, b.ID, coursehttp.SlotStatusReserved)
			hold(b.SecondChoice, b.ID, coursehttp.SlotStatusReserved)
		case booking.Confirmed:
			hold(*b.ConfirmedSlotID, b.ID, coursehttp.SlotStatusBooked)
		case booking.Rejected, booking.Cancelled:
		}
	}

	return want
}

// checkReplaced compares a booking with the one that has replaced it, or shall.
func checkReplaced(t *testing.T, b booking.Booking, all map[uuid.UUID]booking.Booking) {
	t.Helper()

	rescheduled := b.StatusReason != nil && *b.StatusReason == booking.ByReschedule
	if rescheduled != (b.ReplacedBy != nil) {
		t.Errorf("booking %s is %v, but replaced by %v", b.ID, b.StatusReason, b.ReplacedBy)
	}

	if !rescheduled {
		return
	}

	other := all[*b.ReplacedBy]
	if other.Replaces == nil || *other.Replaces != b.ID {
		t.Errorf("booking %s was replaced by %s, which replaces %v", b.ID, other.ID, other.Replaces)
	}

	if other.ConfirmedAt == nil || b.DecidedAt == nil || !other.ConfirmedAt.Equal(*b.DecidedAt) {
		t.Errorf("booking %s ended at %v, not when %s was confirmed: %v", b.ID, b.DecidedAt, other.ID, other.ConfirmedAt)
	}
}

// Outcome returns how many bookings were counted with that outcome.
func (w *World) Outcome(t *testing.T, outcome string) int {
	t.Helper()
	return counted(t, w.Metrics.Collectors(), "shema_bookings_total", outcome)
}

// SettleFailures returns how many decisions to that status could not be settled directly.
func (w *World) SettleFailures(t *testing.T, status booking.Status) int {
	t.Helper()
	return counted(t, w.Metrics.Collectors(), "shema_booking_settle_failures_total", string(status))
}
