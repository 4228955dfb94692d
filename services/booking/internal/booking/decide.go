package booking

import (
	"context"
	"errors"

	"github.com/google/uuid"

	bookingerrs "github.com/shema-music/shema/services/contracts/booking/errs"
	"github.com/shema-music/shema/services/kit/failpoint"
)

// Confirm gives the student one of the two slots; the other is free again, and the booking that it replaces ends in the
// same moment. Returns NotFound, NotPending, Expired, SlotNotChosen or SlotBegun.
func (s *Service) Confirm(ctx context.Context, id, slot, by uuid.UUID) (Booking, error) {
	return s.decide(ctx, Confirmation(id, slot, by))
}

// Reject ends a pending booking against the student's wish. Returns NotFound, NotPending or Expired.
func (s *Service) Reject(ctx context.Context, id, by uuid.UUID, note *string) (Booking, error) {
	return s.decide(ctx, Rejection(id, by, note))
}

// Cancel withdraws a booking of that user: a pending one, or a confirmed one with Notice. Returns NotFound, also for
// another student's booking, NotPending, Expired or TooLate.
func (s *Service) Cancel(ctx context.Context, id, userID uuid.UUID) (Booking, error) {
	return s.decide(ctx, Cancellation(id, userID))
}

// Revoke takes a confirmed booking back; its slot is free again. Returns NotFound or NotConfirmed.
func (s *Service) Revoke(ctx context.Context, id, by uuid.UUID, note string) (Booking, error) {
	return s.decide(ctx, Revocation(id, by, note))
}

func (s *Service) decide(ctx context.Context, d Decision) (Booking, error) {
	ctx, cancel := detached(ctx, s.timings.Create)
	defer cancel()

	outcome, err := s.store.Decide(ctx, d)
	if errors.Is(err, bookingerrs.Expired) {
		// The answer is right without it, and the sweep does it too; but it spares the student up to a minute.
		if late := s.expire(ctx, d.BookingID); late != nil {
			s.log.WarnContext(ctx, "could not expire a booking yet", "booking_id", d.BookingID, "error", late)
		}
	}

	if err != nil {
		if outcome, err = s.lookAgain(ctx, d, err); err != nil {
			return Booking{}, err
		}
	}

	failpoint.Point("booking.decided")
	s.metrics.reached(&outcome.Booking)

	if outcome.Replaced != nil {
		s.metrics.reached(outcome.Replaced)
	}

	_ = s.settleNow(ctx, &outcome.Booking)

	return outcome.Booking, nil
}

// lookAgain finds out whether the decision stands although the store failed: the answer of its commit may be lost.
func (s *Service) lookAgain(ctx context.Context, d Decision, cause error) (Outcome, error) {
	if isRefusal(cause) {
		return Outcome{}, cause
	}

	found, err := s.find(ctx, d.BookingID)
	if err != nil || found == nil || !d.MadeIt(found) {
		return Outcome{}, cause
	}

	return Outcome{Booking: *found}, nil
}

// expire rejects a booking whose deadline has passed, and does nothing to others.
func (s *Service) expire(ctx context.Context, id uuid.UUID) error {
	b, ok, err := s.store.Expire(ctx, id)
	if err != nil || !ok {
		return err
	}

	s.metrics.reached(&b)
	_ = s.settleNow(ctx, &b)

	return nil
}

// settleNow makes the slots follow a decision before its answer is given. If that fails the decision stands, and the
// slots follow when it is finished, or by its event, whichever comes first.
func (s *Service) settleNow(ctx context.Context, b *Booking) error {
	err := s.settle(ctx, b)
	if err != nil {
		s.metrics.settleFailed(b)
		s.log.WarnContext(ctx, "the slots will follow later", "booking_id", b.ID, "status", b.Status, "error", err)
	}

	return err
}

// settle tells the course service what a decided booking holds now.
func (s *Service) settle(ctx context.Context, b *Booking) error {
	ctx, cancel := context.WithTimeout(ctx, s.timings.Call)
	defer cancel()

	want, settlement := SlotsReleased, Settlement{BookingID: b.ID}
	if b.Status == Confirmed {
		want, settlement.Confirmed, settlement.Replaces = SlotsBooked, b.ConfirmedSlotID, b.Replaces
	}

	state, err := s.courses.Settle(ctx, settlement)
	if err == nil {
		s.finished.add(b.ID, b.StateVersion)
	}

	if err == nil && state != want {
		// A later decision may have overtaken this one; otherwise the two services disagree, and a person must look.
		s.log.WarnContext(ctx, "the course service settled otherwise", "booking_id", b.ID, "status", b.Status, "state", state)
	}

	return err
}
