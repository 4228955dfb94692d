package inbox_test

import (
	"context"
	"log/slog"
	"testing"
	"time"

	"github.com/google/uuid"
	. "github.com/onsi/gomega"

	"github.com/shema-music/shema/services/booking/internal/booking"
	"github.com/shema-music/shema/services/booking/internal/bookingtest"
	"github.com/shema-music/shema/services/booking/internal/inbox"
	"github.com/shema-music/shema/services/booking/internal/store"
	"github.com/shema-music/shema/services/kit/dapr"
	"github.com/shema-music/shema/services/kit/outbox"
)

func TestFinish_Work(t *testing.T) {
	w := bookingtest.New(t)
	g := NewWithT(t)
	course, slots := w.Courses.Add(2)
	wish := bookingtest.Wish(course, slots[0], slots[1])
	wish.ID = uuid.Must(uuid.NewV7())
	hold, err := w.Store.Hold(t.Context(), wish)
	g.Expect(err).NotTo(HaveOccurred())

	// Its time has come, and the course service is away for the first try.
	_, err = w.Pool.Exec(t.Context(), `
		UPDATE booking.unfinished SET due_at = now()`)
	g.Expect(err).NotTo(HaveOccurred())

	w.Network.Break(bookingtest.CourseID, bookingtest.Down)

	published := make(chan string, 10)
	jobs, err := outbox.New(outbox.Options{
		Pool:     w.Pool,
		Schema:   store.Schema,
		Log:      slog.New(slog.DiscardHandler),
		Register: inbox.Workers(w.Bookings),
		Publish: func(_ context.Context, topic string, _ []dapr.Event) ([]string, error) {
			published <- topic
			return nil, nil
		},
	})
	g.Expect(err).NotTo(HaveOccurred())

	jobs.Start(t.Context())

	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan struct{})

	go func() {
		defer close(ended)

		for ctx.Err() == nil {
			_ = w.Bookings.FinishDue(ctx) // fails for as long as course is away

			time.Sleep(100 * time.Millisecond)
		}
	}()

	defer func() { cancel(); <-ended }()

	defer func() { g.Expect(jobs.Stop(context.Background())).To(Succeed()) }()

	g.Eventually(func() []string { return w.Network.Calls("reservations") }).WithTimeout(10 * time.Second).ShouldNot(BeEmpty())
	g.Expect(w.Store.Find(t.Context(), hold.Held.ID)).To(HaveField("Status", booking.Holding))

	w.Network.Break(bookingtest.CourseID, nil)
	g.Eventually(published).WithTimeout(10 * time.Second).Should(Receive(Equal("booking.created")))
	g.Expect(w.Store.Find(t.Context(), hold.Held.ID)).To(HaveField("Status", booking.Pending))

	w.CheckInvariants(t)
}
