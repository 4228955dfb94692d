package booking

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"github.com/google/uuid"

	bookingerrs "github.com/shema-music/shema/services/contracts/booking/errs"
)

// Timings are how long the steps may take. A request must be answered within 5 s, whatever is down.
type Timings struct {
	// Create bounds a whole create, Call one call to another service inside a request.
	Create, Call time.Duration
	// Lookup bounds questions whose answers a list can do without. It is shorter than Call, so that those who ask us
	// for the list get it without them before they give up.
	Lookup time.Duration
	// Cleanup bounds what is still done after a request has run out of its own time.
	Cleanup time.Duration
	// Patience is how long a request waits for another one that holds the same student's course, before it advances that
	// one on itself; Poll is how often it looks.
	Patience, Poll time.Duration
	// FinishWithin is how long after a crash a held booking may still become pending; later it is undone, because the
	// student has gone on.
	FinishWithin time.Duration
	// StaleAfter is when the sweep takes up a held booking that even its job has left behind.
	StaleAfter time.Duration
}

// DefaultTimings are the ones of production.
func DefaultTimings() Timings {
	return Timings{
		Create:       3500 * time.Millisecond,
		Call:         2500 * time.Millisecond,
		Lookup:       1500 * time.Millisecond,
		Cleanup:      time.Second,
		Patience:     750 * time.Millisecond,
		Poll:         20 * time.Millisecond,
		FinishWithin: time.Minute,
		StaleAfter:   30 * time.Second,
	}
}

// FinishAfter is how long after a hold or a decision the loop looks at the booking that its request has not finished:
// when the request has surely ended.
const FinishAfter = 5 * time.Second

// Service is everything that can be done with bookings. It is safe for concurrent use, also by several processes on
// one database.
type Service struct {
	store   Store
	courses Courses
	users   Users
	metrics *Metrics
	log     *slog.Logger
	timings Timings
	budget  int

	finished finished
}

// Options are what a Service is made of.
type Options struct {
	Store   Store
	Courses Courses
	Users   Users
	Metrics *Metrics
	Log     *slog.Logger
	Timings Timings
	// Budget is how many bookings a person may make within BudgetTime; 0 is no limit.
	Budget int
}

// NewService returns the service made of its options.
func NewService(o Options) *Service {
	return &Service{
		store:   o.Store,
		courses: o.Courses,
		users:   o.Users,
		metrics: o.Metrics,
		log:     o.Log,
		timings: o.Timings,
		budget:  o.Budget,
	}
}

// detached returns a context that outlives the request, so that a client who hangs up leaves nothing half done, but
// not for longer than d.
func detached(ctx context.Context, d time.Duration) (context.Context, context.CancelFunc) {
	return context.WithTimeout(context.WithoutCancel(ctx), d)
}

// find returns a booking in any status, or nil when there is none.
func (s *Service) find(ctx context.Context, id uuid.UUID) (*Booking, error) {
	b, err := s.store.Find(ctx, id)
	if errors.Is(err, bookingerrs.NotFound) {
		return nil, nil //nolint:nilnil // no booking is a normal answer here
	}

	if err != nil {
		return nil, err
	}

	return &b, nil
}
