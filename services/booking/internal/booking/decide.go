package booking

import (
	"context"
	"errors"

	"github.com/google/uuid"

	bookingerrs "github.com/shema-music/shema/services/contracts/booking/errs"
	"github.com/shema-music/shema/services/kit/failpoint"
)

// Confirm gives the student one of the two slots; the other is free again. Returns ErrNotFound, ErrNotPending,
// ErrExpired or ErrSlotNotChosen.
func (s *Service) Confirm(ctx context.Context, id, slot uuid.UUID) (Booking, error) {
	return s.decide(ctx, Confirmation(id, slot))
}

// Reject ends a pending booking against the student's wish. Returns ErrNotFound, ErrNotPending or ErrExpired.
func (s *Service) Reject(ctx context.Context, id uuid.UUID, note *string) (Booking, error) {
	return s.decide(ctx, Rejection(id, note))
}

// Cancel withdraws a pending booking of that user. Returns ErrNotFound, also for another student's booking,
// ErrNotPending or ErrExpired.
func (s *Service) Cancel(ctx context.Context, id, userID uuid.UUID) (Booking, error) {
	return s.decide(ctx, Cancellation(id, userID))
}

// Revoke takes a confirmed booking back; its slot is free again. Returns ErrNotFound or ErrNotConfirmed.
func (s *Service) Revoke(ctx context.Context, id uuid.UUID, note string) (Booking, error) {
	return s.decide(ctx, Revocation(id, note))
}

func (s *Service) decide(ctx context.Context, d Decision) (Booking, error) {
	ctx, cancel := detached(ctx, s.timings.Create)
	defer cancel()

	b, err := s.store.Decide(ctx, d)
	if errors.Is(err, bookingerrs.Expired) {
		// The answer is right without it, and the sweep does it too; but it spares the student up to a minute.
		if late := s.expire(ctx, d.BookingID); late != nil {
			s.log.WarnContext(ctx, "could not expire a booking yet", "booking_id", d.BookingID, "error", late)
		}
	}

	if err != nil {
		return Booking{}, err
	}

	failpoint.Point("booking.decided")
	s.metrics.reached(&b)
	_ = s.settleNow(ctx, &b)

	return b, nil
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
// slots follow by the job that was inserted with it, or by its event, whichever comes first.
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
	ctx, cancel := context.WithTimeout(ctx, s.timings.Neighbour)
	defer cancel()

	want, confirmed := SlotsReleased, (*uuid.UUID)(nil)
	if b.Status == Confirmed {
		want, confirmed = SlotsBooked, b.ConfirmedSlotID
	}

	state, err := s.courses.Settle(ctx, b.ID, confirmed)
	if err == nil && state != want {
		// A later decision may have overtaken this one; otherwise the two services disagree, and a person must look.
		s.log.WarnContext(ctx, "the course service settled otherwise", "booking_id", b.ID, "status", b.Status, "state", state)
	}

	return err
}
