package booking

import (
	"context"
	"errors"

	"github.com/google/uuid"

	"github.com/shema-music/shema/services/kit/failpoint"
)

// The saga of one booking. Each step can be repeated, and any number of callers may advance the same booking at once:
// the request that made it, one that repeats it, one that it blocks, its job, the sweep. Who decides is the database:
//
//	holding ──reserve──> pending          (MakePending, only while not abandoned)
//	holding ──Abandon──> abandoned ──release──> removed
//
// A booking is released at the course service only after it was abandoned, and removed only after it was released. The
// release also stops a reserve that is still on its way, so a removed booking can never come to hold slots.

// advance takes a booking to its end, and returns the answer that its student gets: the booking or a refusal. Returns
// errUndone when the booking is gone without an answer. Any other error leaves it as it was, to be advanced later.
func (s *Service) advance(ctx context.Context, b *Booking) (Answer, error) {
	switch {
	case b == nil:
		return Answer{}, errUndone
	case b.Status != Holding:
		return Answer{Booking: b}, nil
	case b.Abandoned:
		return Answer{}, s.undo(ctx, b.ID)
	}

	reservation, err := s.reserve(ctx, b)
	if kind := refusalFrom(err); kind != nil {
		return s.refuse(ctx, b.ID, refused(kind, err))
	}

	if err != nil {
		return Answer{}, err
	}

	failpoint.Point("booking.reserved")

	if reservation.State != SlotsReserved {
		return s.reservedNothing(ctx, b.ID)
	}

	if err := s.packageOf(ctx, b, reservation.Snapshot); err != nil {
		return Answer{}, err
	}

	return s.makePending(ctx, b, reservation.Snapshot)
}

func (s *Service) reserve(ctx context.Context, b *Booking) (Reservation, error) {
	ctx, cancel := context.WithTimeout(ctx, s.timings.Call)
	defer cancel()
	return s.courses.Reserve(ctx, b)
}

func (s *Service) makePending(ctx context.Context, held *Booking, about *Snapshot) (Answer, error) {
	pending, ok, err := s.store.MakePending(ctx, held, about)
	if err != nil {
		return Answer{}, err
	}

	if !ok {
		return s.decidedByOther(ctx, held.ID)
	}

	failpoint.Point("booking.pending")
	s.metrics.reached(&pending)

	return Answer{Booking: &pending}, nil
}

// refuse ends a booking whose slots the course service does not give. The answer stands as soon as it is remembered;
// should the rest fail, the job does it.
func (s *Service) refuse(ctx context.Context, id uuid.UUID, answer Answer) (Answer, error) {
	ok, err := s.store.Abandon(ctx, id, &answer)
	if err != nil {
		return Answer{}, err
	}

	if !ok {
		return s.decidedByOther(ctx, id)
	}

	s.metrics.count(outcomeRefused)

	if err := s.undo(ctx, id); err != nil && !errors.Is(err, errUndone) {
		s.log.WarnContext(ctx, "could not remove a refused booking yet", "booking_id", id, "error", err)
	}

	return answer, nil
}

// reservedNothing handles a reservation that was settled before: another caller has undone the booking meanwhile, or
// decided it. If none has, because the course service knows more than we do, it cannot become pending any more.
func (s *Service) reservedNothing(ctx context.Context, id uuid.UUID) (Answer, error) {
	ok, err := s.store.Abandon(ctx, id, nil)
	if err != nil {
		return Answer{}, err
	}

	if ok {
		s.metrics.count(outcomeUndone)
	}

	return s.decidedByOther(ctx, id)
}

// decidedByOther returns what another caller has made of the booking.
func (s *Service) decidedByOther(ctx context.Context, id uuid.UUID) (Answer, error) {
	b, err := s.find(ctx, id)
	switch {
	case err != nil:
		return Answer{}, err
	case b == nil:
		return Answer{}, errUndone
	case b.Status != Holding:
		return Answer{Booking: b}, nil
	}

	return Answer{}, s.undo(ctx, id)
}

// undo releases the slots of an abandoned booking and removes it. It returns errUndone when that is done.
func (s *Service) undo(ctx context.Context, id uuid.UUID) error {
	call, cancel := context.WithTimeout(ctx, s.timings.Call)
	defer cancel()

	if _, err := s.courses.Settle(call, Settlement{BookingID: id}); err != nil {
		return err
	}

	if err := s.store.Remove(ctx, id); err != nil {
		return err
	}

	return errUndone
}
