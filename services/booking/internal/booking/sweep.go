package booking

import (
	"context"
	"errors"
	"sync/atomic"

	"golang.org/x/sync/errgroup"

	"github.com/shema-music/shema/services/contracts/errs"
)

const (
	// sweepBatch is how many rows one transaction of the sweep takes.
	sweepBatch = 100
	// sweepParallel is how many calls to the course service a sweep makes at once.
	sweepParallel = 8
)

// Sweep rejects the bookings whose deadline has passed, completes held bookings that were left behind, gives the notices
// that are due into work, looks up teachers, and forgets old answers. It may run on every replica at once. What it cannot do is left for the next time; the error is for the log.
func (s *Service) Sweep(ctx context.Context) error {
	return errors.Join(s.expireDue(ctx), s.finishStale(ctx), s.queueNotices(ctx), s.forgetAnswers(ctx), s.rebind(ctx))
}

// rebind looks up teachers again. That the other service is away is no failure of the sweep; the next one tries again.
func (s *Service) rebind(ctx context.Context) error {
	err := s.BindTeachers(ctx)
	if errors.Is(err, errs.Unavailable) {
		s.log.WarnContext(ctx, "teachers will be looked up later", "error", err)
		return nil
	}

	return err
}

// expireDue settles the slots directly, too, but gives that up for this sweep when the course service is away: the
// rest of the deadlines must not wait for it, and the slots follow later.
func (s *Service) expireDue(ctx context.Context) error {
	var away atomic.Bool
	for {
		expired, err := s.store.ExpireDue(ctx, sweepBatch)
		if err != nil {
			return err
		}

		var group errgroup.Group
		group.SetLimit(sweepParallel)

		for i := range expired {
			s.metrics.reached(&expired[i])
			group.Go(func() error {
				if !away.Load() && s.settleNow(ctx, &expired[i]) != nil {
					away.Store(true)
				}

				return nil
			})
		}

		_ = group.Wait()

		if len(expired) < sweepBatch {
			return nil
		}
	}
}

func (s *Service) finishStale(ctx context.Context) error {
	stale, err := s.store.StaleHolds(ctx, s.timings.StaleAfter, sweepBatch)
	if err != nil {
		return err
	}

	var group errgroup.Group
	group.SetLimit(sweepParallel)

	for _, id := range stale {
		group.Go(func() error { return s.Finish(ctx, id) })
	}

	return group.Wait()
}

func (s *Service) forgetAnswers(ctx context.Context) error {
	for {
		n, err := s.store.ForgetAnswers(ctx, 10*sweepBatch)
		if err != nil || n < 10*sweepBatch {
			return err
		}
	}
}
