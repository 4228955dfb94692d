package booking_test

import (
	"testing"
	"time"

	. "github.com/onsi/gomega"

	"github.com/shema-music/shema/services/booking/internal/booking"
	"github.com/shema-music/shema/services/booking/internal/bookingtest"
	bookingevents "github.com/shema-music/shema/services/contracts/booking/events"
)

func TestService_Events_TellTheSnapshot(t *testing.T) {
	for name, steps := range map[string]int{"made in one go": 0, "finished after a crash": 2} {
		t.Run(name, func(t *testing.T) {
			w := bookingtest.New(t)
			g := NewWithT(t)
			course, slots := w.Courses.Add(2)
			wish := bookingtest.Wish(course, slots[0], slots[1])

			wish.Key = "k"
			if steps > 0 {
				begin(t, w, wish, steps)
			}

			b, err := w.Bookings.Create(t.Context(), wish)
			g.Expect(err).NotTo(HaveOccurred())

			start := time.Date(2100, 1, 1, 0, 0, 0, 0, time.UTC)
			first := bookingevents.Slot{
				StartsAt: start,
				EndsAt:   start.Add(time.Hour),
				TimeZone: "Asia/Jakarta",
			}
			second := bookingevents.Slot{
				StartsAt: start.Add(time.Hour),
				EndsAt:   start.Add(2 * time.Hour),
				TimeZone: "Asia/Jakarta",
			}
			about := And(HaveField("CourseTitle", "Piano"), HaveField("CourseName", "piano"), HaveField("FirstChoice", HaveValue(Equal(first))),
				HaveField("SecondChoice", HaveValue(Equal(second))), HaveField("ExpiresAt", Equal(b.ExpiresAt)))
			g.Expect(w.Events(t, b.ID)).To(ConsistOf(about))

			b, err = w.Bookings.Confirm(t.Context(), b.ID, slots[1], admin)
			g.Expect(err).NotTo(HaveOccurred())

			_, err = w.Bookings.Revoke(t.Context(), b.ID, admin, "Ibu Sari has the flu.")
			g.Expect(err).NotTo(HaveOccurred())

			told := w.Events(t, b.ID)
			g.Expect(told).To(HaveLen(3))
			g.Expect(told).To(HaveEach(about), "also when the course has changed since")
			g.Expect(told[0].Confirmed()).To(BeNil())
			g.Expect(told[1].Confirmed()).To(HaveValue(Equal(second)))
			g.Expect(told[2].DecisionNote).To(HaveValue(Equal("Ibu Sari has the flu.")))
		})
	}
}

func TestBooking_Event_WithoutSnapshot(t *testing.T) {
	t.Parallel()
	g := NewWithT(t)
	_, payload := sample().Event()
	g.Expect(payload.FirstChoice).To(BeNil())

	b := sample(func(b *booking.Booking) { b.ConfirmedSlotID, b.Status = &b.FirstChoice, booking.Confirmed })
	_, payload = b.Event()
	g.Expect(payload.Confirmed()).To(BeNil())
}
