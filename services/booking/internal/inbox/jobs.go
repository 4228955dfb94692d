package inbox

import (
	"context"

	"github.com/google/uuid"
	"github.com/riverqueue/river"

	"github.com/shema-music/shema/services/booking/internal/booking"
	"github.com/shema-music/shema/services/booking/internal/store"
)

// Jobs are the use cases behind the service's jobs; booking.Service has them. An error of any means that the job is
// tried again.
type Jobs interface {
	Finish(ctx context.Context, id uuid.UUID) error
	GiveNotice(ctx context.Context, o booking.Occasion) error
	BindTeachers(ctx context.Context) error
	ReportErased(ctx context.Context, person uuid.UUID) error
}

// Workers returns what registers the workers of this service's jobs.
func Workers(bookings Jobs) func(*river.Workers) {
	return func(workers *river.Workers) {
		add(workers, func(ctx context.Context, job store.FinishBooking) error { return bookings.Finish(ctx, job.BookingID) })
		add(workers, func(ctx context.Context, job store.GiveNotice) error {
			return bookings.GiveNotice(ctx, booking.Occasion{
				Kind:      job.Notice,
				BookingID: job.BookingID,
				To:        job.To,
				Number:    job.Occasion,
			})
		})
		add(workers, func(ctx context.Context, _ store.BindTeachersJob) error { return bookings.BindTeachers(ctx) })
		add(workers, func(ctx context.Context, job store.ReportErased) error { return bookings.ReportErased(ctx, job.UserID) })
	}
}

// add registers a worker that is a function of the job's arguments.
func add[Args river.JobArgs](workers *river.Workers, work func(context.Context, Args) error) {
	river.AddWorker(workers, river.WorkFunc(func(ctx context.Context, job *river.Job[Args]) error {
		return work(ctx, job.Args)
	}))
}
