package inbox

import (
	"context"

	"github.com/google/uuid"
	"github.com/riverqueue/river"

	"github.com/shema-music/shema/services/booking/internal/store"
)

// Finisher is booking.Service.
type Finisher interface {
	Finish(ctx context.Context, id uuid.UUID) error
}

// Workers returns what registers the workers of this service's jobs.
func Workers(bookings Finisher) func(*river.Workers) {
	return func(workers *river.Workers) { river.AddWorker(workers, &finish{bookings: bookings}) }
}

// finish works the job that comes with every hold and every decision.
type finish struct {
	river.WorkerDefaults[store.FinishBooking]

	bookings Finisher
}

// Work finishes or undoes a held booking, and settles a decided one. An error means that it is tried again.
func (f *finish) Work(ctx context.Context, job *river.Job[store.FinishBooking]) error {
	return f.bookings.Finish(ctx, job.Args.BookingID)
}
