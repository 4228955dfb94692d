package booking_test

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	. "github.com/onsi/gomega"

	"github.com/shema-music/shema/services/booking/internal/booking"
	"github.com/shema-music/shema/services/booking/internal/bookingtest"
	bookingerrs "github.com/shema-music/shema/services/contracts/booking/errs"
	courseerrs "github.com/shema-music/shema/services/contracts/course/errs"
	"github.com/shema-music/shema/services/contracts/errs"
)

func TestService_Create_HoldsBothSlots(t *testing.T) {
	w := bookingtest.New(t)
	g := NewWithT(t)
	course, slots := w.Courses.Add(3)
	wish := bookingtest.Wish(course, slots[0], slots[2])
	wish.Note = new("left-handed")
	b, err := w.Bookings.Create(t.Context(), wish)
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(b).To(And(HaveField("Status", booking.Pending), HaveField("Note", HaveValue(Equal("left-handed")))))
	g.Expect(b.ExpiresAt).To(Equal(b.CreatedAt.Add(72 * time.Hour)))
	g.Expect(w.Topics(t, b.ID)).To(Equal([]string{"booking.created"}))
	g.Expect(w.Network.Calls("")).To(HaveLen(1), "one call is enough")
	g.Expect(w.Outcome(t, "pending")).To(Equal(1))

	w.CheckInvariants(t)
}

func TestService_Create_Refusals(t *testing.T) {
	w := bookingtest.New(t)
	course, slots := w.Courses.Add(4)
	other, foreign := w.Courses.Add(1)
	w.Courses.Change(slots[3], func(s *bookingtest.Slot) { s.StartsAt = s.StartsAt.AddDate(-100, 0, 0) })
	taken, err := w.Bookings.Create(t.Context(), bookingtest.Wish(course, slots[0], slots[1]))
	NewWithT(t).Expect(err).NotTo(HaveOccurred())

	again := bookingtest.Wish(course, slots[1], slots[2])

	again.UserID = taken.UserID
	for name, c := range map[string]struct {
		reason string
		wish   booking.Request
		want   *errs.Kind
	}{
		"same slot":       {"two choices must differ", bookingtest.Wish(course, slots[2], slots[2]), bookingerrs.SameSlot},
		"unknown course":  {"it does not exist", bookingtest.Wish(uuid.New(), slots[2], slots[1]), courseerrs.NotFound},
		"unknown slot":    {"it does not exist", bookingtest.Wish(course, slots[2], uuid.New()), courseerrs.InvalidSlots},
		"taken slot":      {"another booking holds it", bookingtest.Wish(course, slots[2], slots[0]), courseerrs.InvalidSlots},
		"foreign slot":    {"it is another course's", bookingtest.Wish(course, slots[2], foreign[0]), courseerrs.CourseMismatch},
		"foreign course":  {"both are another course's", bookingtest.Wish(other, slots[1], slots[2]), courseerrs.CourseMismatch},
		"past slot":       {"it has begun", bookingtest.Wish(course, slots[2], slots[3]), courseerrs.SlotInPast},
		"already pending": {"one at a time", again, bookingerrs.AlreadyPending},
	} {
		t.Run(name, func(t *testing.T) {
			g := NewWithT(t)
			c.wish.Key = name
			_, err := w.Bookings.Create(t.Context(), c.wish)
			g.Expect(err).To(MatchError(c.want), c.reason)

			w.CheckInvariants(t)
			_, repeated := w.Bookings.Create(t.Context(), c.wish)
			g.Expect(indonesian(repeated)).To(Equal(indonesian(err)), "a refusal is remembered")

			c.wish.Note = new("changed")
			_, err = w.Bookings.Create(t.Context(), c.wish)
			g.Expect(err).To(MatchError(bookingerrs.IdempotencyMismatch))
		})
	}
}

// indonesian returns the body of an error's answer.
func indonesian(err error) errs.Body {
	_, body, _ := errs.Render(err, "id")
	return body
}

func TestService_Create_RefusalsNameSlots(t *testing.T) {
	w := bookingtest.New(t)
	g := NewWithT(t)
	course, slots := w.Courses.Add(1)
	missing := uuid.New()
	wish := bookingtest.Wish(course, slots[0], missing)

	wish.Key = "k"
	for range 2 {
		_, err := w.Bookings.Create(t.Context(), wish)
		_, body, _ := errs.Render(err, "")
		g.Expect(body.Details).To(HaveKeyWithValue("slot_ids", ConsistOf(missing.String())))
	}
}

func TestService_Create_FortyOfOneStudent(t *testing.T) {
	w := bookingtest.New(t)
	g := NewWithT(t)
	course, slots := w.Courses.Add(4)
	student := uuid.New()
	replicas := []*booking.Service{w.Bookings, w.Replica(bookingtest.Timings())}
	results := make([]error, 40)

	var wg sync.WaitGroup
	for i := range results {
		wish := bookingtest.Wish(course, slots[i%4], slots[(i+1)%4])
		wish.UserID = student
		wg.Go(func() { _, results[i] = replicas[i%2].Create(t.Context(), wish) })
	}

	wg.Wait()

	won := 0
	for _, err := range results {
		if err == nil {
			won++
			continue
		}

		g.Expect(err).To(MatchError(bookingerrs.AlreadyPending))
	}

	g.Expect(won).To(Equal(1))

	w.CheckInvariants(t)
}

func TestService_Create_FortyStudentsOnePair(t *testing.T) {
	w := bookingtest.New(t)
	g := NewWithT(t)
	course, slots := w.Courses.Add(2)
	results := make([]error, 40)

	var wg sync.WaitGroup
	for i := range results {
		wg.Go(func() {
			_, results[i] = w.Bookings.Create(t.Context(), bookingtest.Wish(course, slots[i%2], slots[1-i%2]))
		})
	}

	wg.Wait()

	won := 0
	for _, err := range results {
		if err == nil {
			won++
			continue
		}

		g.Expect(err).To(MatchError(courseerrs.InvalidSlots))
	}

	g.Expect(won).To(Equal(1))
	g.Expect(w.All(t)).To(HaveLen(1), "refused bookings are removed")

	w.CheckInvariants(t)
}

func TestService_Create_ParallelWithOneKey(t *testing.T) {
	w := bookingtest.New(t)
	g := NewWithT(t)
	course, slots := w.Courses.Add(4)
	good := bookingtest.Wish(course, slots[0], slots[1])
	bad := bookingtest.Wish(course, slots[2], uuid.New())
	good.Key, bad.Key = "k", "k"
	replicas := []*booking.Service{w.Bookings, w.Replica(bookingtest.Timings())}
	answers, refusals := make([]booking.Booking, 20), make([]error, 20)

	var wg sync.WaitGroup
	for i := range answers {
		wg.Go(func() {
			var err error

			answers[i], err = replicas[i%2].Create(t.Context(), good)
			g.Expect(err).NotTo(HaveOccurred())
		})
		wg.Go(func() { _, refusals[i] = replicas[i%2].Create(t.Context(), bad) })
	}

	wg.Wait()
	g.Expect(answers).To(HaveEach(answers[0]))

	for _, err := range refusals {
		g.Expect(err).To(MatchError(courseerrs.InvalidSlots))
	}

	g.Expect(w.All(t)).To(HaveLen(1))

	w.CheckInvariants(t)
}

func TestService_Create_SameKeyAfterCrash(t *testing.T) {
	for name, steps := range map[string]int{"after the hold": 1, "after the reservation": 2, "after all": 3} {
		t.Run(name, func(t *testing.T) {
			w := bookingtest.New(t)
			g := NewWithT(t)
			course, slots := w.Courses.Add(2)
			wish := bookingtest.Wish(course, slots[0], slots[1])
			wish.Key = "k"
			crashed := begin(t, w, wish, steps)
			b, err := w.Bookings.Create(t.Context(), wish)
			g.Expect(err).NotTo(HaveOccurred())
			g.Expect(b.ID).To(Equal(crashed.ID), "the same key gives the same booking")

			_, err = w.Bookings.Cancel(t.Context(), b.ID, wish.UserID)
			g.Expect(err).NotTo(HaveOccurred())
			g.Expect(w.Bookings.Create(t.Context(), wish)).To(Equal(b), "the first answer again")

			w.CheckInvariants(t)
		})
	}
}

func TestService_Create_ClientHangsUp(t *testing.T) {
	w := bookingtest.New(t)
	g := NewWithT(t)
	course, slots := w.Courses.Add(2)
	ctx, hangUp := context.WithCancel(t.Context())
	w.Network.Break(bookingtest.CourseID, func(out http.ResponseWriter, _ *http.Request, serve func() *httptest.ResponseRecorder) {
		hangUp()
		bookingtest.Forward(out, serve())
	})
	b, err := w.Bookings.Create(ctx, bookingtest.Wish(course, slots[0], slots[1]))
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(w.Store.Find(t.Context(), b.ID)).To(HaveField("Status", booking.Pending))

	w.CheckInvariants(t)
}

func TestService_Create_PastDeadlineDoesNotBlock(t *testing.T) {
	w := bookingtest.New(t)
	g := NewWithT(t)
	course, slots := w.Courses.Add(2)
	wish := bookingtest.Wish(course, slots[0], slots[1])
	old, err := w.Bookings.Create(t.Context(), wish)
	g.Expect(err).NotTo(HaveOccurred())

	w.Backdate(t, old.ID)
	b, err := w.Bookings.Create(t.Context(), wish)
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(b.ID).NotTo(Equal(old.ID))
	g.Expect(w.Topics(t, old.ID)).To(Equal([]string{"booking.created", "booking.expired"}))

	w.CheckInvariants(t)
}

func TestService_Create_BlockedEnds(t *testing.T) {
	w := bookingtest.New(t)
	g := NewWithT(t)
	course, slots := w.Courses.Add(2)
	crashed := bookingtest.Wish(course, slots[0], slots[1])
	begin(t, w, crashed, 1)
	w.Network.Break(bookingtest.CourseID, bookingtest.Down)
	_, err := w.Bookings.Create(t.Context(), crashed)
	g.Expect(errors.Is(err, errs.Unavailable)).To(BeTrue(), "%v", err)
	g.Expect(w.All(t)).To(ConsistOf(HaveField("Abandoned", false)), "the other request may still be alive")
}
