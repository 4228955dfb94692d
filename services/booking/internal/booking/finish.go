package booking

import (
	"context"
	"errors"
	"maps"
	"math"
	"sync"
	"time"

	"github.com/google/uuid"
	"github.com/prometheus/client_golang/prometheus"
	"golang.org/x/sync/errgroup"
)

const (
	// FinishEvery is how often every replica looks for bookings that their requests have left unfinished.
	FinishEvery = time.Second
	// finishLease is when a booking that was taken to be finished is due again: its process has died meanwhile.
	finishLease = 12 * time.Second
	// anyVersion is that of a booking which is gone.
	anyVersion = math.MaxInt64
)

// finished are bookings whose slots have followed, by the state to which they have; the rows that would have them looked
// at go together, some moments later. What gets lost with the process is looked at once more, which changes nothing.
type finished struct {
	mu   sync.Mutex
	done map[uuid.UUID]int64
}

func (f *finished) add(id uuid.UUID, version int64) {
	f.mu.Lock()
	defer f.mu.Unlock()

	if f.done == nil {
		f.done = map[uuid.UUID]int64{}
	}

	f.done[id] = max(f.done[id], version)
}

func (f *finished) take() map[uuid.UUID]int64 {
	f.mu.Lock()
	defer f.mu.Unlock()

	done := f.done
	f.done = nil

	return done
}

func (f *finished) giveBack(done map[uuid.UUID]int64) {
	for id, version := range maps.All(done) {
		f.add(id, version)
	}
}

// FinishDue takes the rows of finished bookings away, and finishes the bookings that are due.
func (s *Service) FinishDue(ctx context.Context) error {
	if done := s.finished.take(); len(done) > 0 {
		if err := s.store.Finished(ctx, done); err != nil {
			s.finished.giveBack(done)
			return err
		}
	}

	due, err := s.store.TakeUnfinished(ctx, finishLease, sweepBatch)
	if err != nil {
		return err
	}

	var group errgroup.Group
	group.SetLimit(sweepParallel)

	for _, id := range due {
		group.Go(func() error { return s.finishOrPutOff(ctx, id) })
	}

	return group.Wait()
}

func (s *Service) finishOrPutOff(ctx context.Context, id uuid.UUID) error {
	ctx, cancel := detached(ctx, finishLease/2) //nolint:mnd // well within the lease
	defer cancel()

	if err := s.Finish(ctx, id); err != nil {
		s.log.WarnContext(ctx, "a booking stays unfinished, will be tried again", "booking_id", id, "error", err)
		return s.store.PutOff(ctx, id)
	}

	return nil
}

// Finish ends what a crash or an outage has left undone, so that booking and slots agree. Where that is so already it
// changes nothing. An error means that it is to be called again.
func (s *Service) Finish(ctx context.Context, id uuid.UUID) error {
	ok, err := s.store.AbandonOlder(ctx, id, s.timings.FinishWithin)
	if err != nil {
		return err
	}

	if ok {
		s.metrics.count(outcomeUndone)
	}

	b, err := s.find(ctx, id)
	switch {
	case err != nil:
		return err
	case b == nil:
		s.finished.add(id, anyVersion)
		return nil
	case b.Status == Pending:
		s.finished.add(id, b.StateVersion)
		return nil
	case b.Status != Holding:
		return s.settle(ctx, b)
	}

	if _, err = s.advance(ctx, b); errors.Is(err, errUndone) {
		return nil
	}

	return err
}

// scrapeTimeout keeps a scrape from waiting for a database that is away.
const scrapeTimeout = time.Second

// Unfinished shows how long the oldest unfinished booking has been so. What is not known is not shown.
func (s *Service) Unfinished() prometheus.Collector { return unfinishedAge{s.store} }

type unfinishedAge struct{ store Store }

var unfinishedDesc = prometheus.NewDesc("shema_bookings_unfinished_oldest_seconds",
	"Age of the oldest booking that is half made or whose slots have not followed a decision.", nil, nil)

// Describe implements prometheus.Collector.
func (unfinishedAge) Describe(ch chan<- *prometheus.Desc) { ch <- unfinishedDesc }

// Collect implements prometheus.Collector.
func (u unfinishedAge) Collect(ch chan<- prometheus.Metric) {
	ctx, cancel := context.WithTimeout(context.Background(), scrapeTimeout)
	defer cancel()

	if age, err := u.store.OldestUnfinished(ctx); err == nil {
		ch <- prometheus.MustNewConstMetric(unfinishedDesc, prometheus.GaugeValue, age.Seconds())
	}
}
