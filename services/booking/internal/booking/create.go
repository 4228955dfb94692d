package booking

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"

	bookingerrs "github.com/shema-music/shema/services/contracts/booking/errs"
	"github.com/shema-music/shema/services/kit/failpoint"
)

// Create asks for a lesson: it holds the two slots at the course service and returns the pending booking. A request
// with a Key that was answered before gets that answer again. It ends what it has begun also when ctx is cancelled.
// Returns SameSlot, CourseNotFound, InvalidSlots, CourseMismatch, SlotInPast, PackageUnknown, AlreadyPending,
// IdempotencyMismatch or RateLimited; after any other error nothing stays held.
func (s *Service) Create(ctx context.Context, r Request) (Booking, error) {
	ctx, cancel := detached(ctx, s.timings.Create)
	defer cancel()

	r.Budget = s.budget

	answer, err := s.createOnce(ctx, r)
	if err != nil {
		return Booking{}, err
	}

	return answer.Result()
}

// createOnce tries until nothing is in the way, or the time is over.
func (s *Service) createOnce(ctx context.Context, r Request) (Answer, error) {
	if r.FirstChoice == r.SecondChoice {
		return s.refuseSameSlot(ctx, r)
	}

	for {
		var err error
		if r.ID, err = uuid.NewV7(); err != nil {
			return Answer{}, fmt.Errorf("make a booking id: %w", err)
		}

		hold, err := s.hold(ctx, r)
		if err != nil {
			return Answer{}, err
		}

		answer, err := s.resolve(ctx, hold)
		if err == nil && answer != nil {
			return *answer, nil
		}

		if err != nil && !errors.Is(err, errUndone) {
			return Answer{}, err
		}
	}
}

// hold looks what has happened when the store's answer is lost: then the booking may be held nevertheless, and would
// become pending behind the student's back.
func (s *Service) hold(ctx context.Context, r Request) (Hold, error) {
	hold, err := s.store.Hold(ctx, r)
	if err == nil || isRefusal(err) {
		return hold, err
	}

	held, lookErr := s.find(ctx, r.ID)
	if lookErr != nil || held == nil {
		return Hold{}, err
	}

	return Hold{Held: held}, nil
}

// resolve does what the hold calls for. Without an answer and an error, or with errUndone, the request starts again:
// then it is free to hold its slots, or its answer has been remembered.
func (s *Service) resolve(ctx context.Context, hold Hold) (*Answer, error) {
	switch {
	case hold.Answer != nil:
		return hold.Answer, nil
	case hold.Held != nil:
		failpoint.Point("booking.held")

		answer, err := s.complete(ctx, hold.Held)

		return &answer, err
	case hold.Started != nil:
		return nil, s.completeStarted(ctx, hold.Started)
	case hold.Blocking != nil:
		return nil, s.clearBlocker(ctx, hold.Blocking)
	}

	return nil, nil //nolint:nilnil // what was in the way has gone by itself
}

func (s *Service) refuseSameSlot(ctx context.Context, r Request) (Answer, error) {
	answer := refused(bookingerrs.SameSlot, nil)
	if r.Key == "" {
		return answer, nil
	}

	return s.store.Remember(ctx, r, answer)
}

// complete takes a booking of this request to its end. When that fails the student is told so, and the booking must not
// become pending behind their back.
func (s *Service) complete(ctx context.Context, b *Booking) (Answer, error) {
	answer, err := s.advance(ctx, b)
	if err == nil || errors.Is(err, errUndone) {
		return answer, err
	}

	if decided := s.abandon(ctx, b, err); decided != nil {
		return Answer{Booking: decided}, nil
	}

	return answer, err
}

// completeStarted waits for a parallel request with the same key, and completes what it has left behind.
func (s *Service) completeStarted(ctx context.Context, b *Booking) error {
	b, err := s.waitFor(ctx, b)
	if err == nil && b != nil && b.Status == Holding {
		_, err = s.complete(ctx, b)
	}

	return err
}

// abandon makes sure that a booking whose student is about to hear of a failure is undone: by its job, since the course
// service is probably away. If this fails too, the job may still finish the booking. When only the answer of the commit
// was lost that made it pending, it returns the booking: there is nothing to abandon.
func (s *Service) abandon(ctx context.Context, b *Booking, cause error) *Booking {
	ctx, cancel := detached(ctx, s.timings.Cleanup)
	defer cancel()

	ok, err := s.store.Abandon(ctx, b.ID, nil)
	if ok {
		s.metrics.count(outcomeUndone)
		return nil
	}

	var found *Booking
	if err == nil {
		found, err = s.find(ctx, b.ID)
	}

	if err != nil {
		s.log.WarnContext(ctx, "could not abandon a held booking", "booking_id", b.ID, "error", err, "cause", cause)
	}

	if found == nil || found.Status == Holding {
		return nil
	}

	return found
}

// clearBlocker gets another booking of the same student and course out of the way, or to its end. A held one is normally a
// parallel request's, and worth waiting for; if it takes too long, its process has crashed or its call hangs.
func (s *Service) clearBlocker(ctx context.Context, b *Booking) error {
	if b.Status == Pending {
		return s.expire(ctx, b.ID)
	}

	b, err := s.waitFor(ctx, b)
	if err != nil || b == nil || b.Status != Holding {
		return err
	}

	_, err = s.advance(ctx, b)

	return err
}

// waitFor returns the booking when it is no longer held by a live request, nil if it is gone, or as it is when patience
// runs out.
func (s *Service) waitFor(ctx context.Context, b *Booking) (*Booking, error) {
	patience := time.NewTimer(s.timings.Patience)
	defer patience.Stop()

	poll := time.NewTicker(s.timings.Poll)
	defer poll.Stop()

	for b != nil && b.Status == Holding && !b.Abandoned {
		select {
		case <-ctx.Done():
			return nil, ctx.Err()
		case <-patience.C:
			return b, nil
		case <-poll.C:
		}

		var err error
		if b, err = s.find(ctx, b.ID); err != nil {
			return nil, err
		}
	}

	return b, nil
}
