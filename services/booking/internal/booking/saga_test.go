package booking_test

import (
	"errors"
	"net/http"
	"net/http/httptest"
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

// begin is a create whose process dies after the given number of steps: hold, reserve, make pending.
func begin(t *testing.T, w *bookingtest.World, r booking.Request, steps int) booking.Booking {
	t.Helper()
	g := NewWithT(t)
	r.ID = uuid.Must(uuid.NewV7())
	hold, err := w.Store.Hold(t.Context(), r)
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(hold.Held).NotTo(BeNil())

	var reserved booking.Reservation
	if steps >= 2 {
		reserved, err = w.CourseClient().Reserve(t.Context(), hold.Held)
		g.Expect(reserved.State, err).To(Equal(booking.SlotsReserved))
	}

	if steps >= 3 {
		_, ok, err := w.Store.MakePending(t.Context(), hold.Held, reserved.Snapshot)
		g.Expect(ok, err).To(BeTrue())
	}

	return *hold.Held
}

// age makes held bookings older.
func age(t *testing.T, w *bookingtest.World, by time.Duration) {
	t.Helper()
	_, err := w.Pool.Exec(t.Context(), `
		UPDATE booking.bookings SET created_at = created_at - make_interval(secs => $1) WHERE status = 'holding'`, by.Seconds())
	NewWithT(t).Expect(err).NotTo(HaveOccurred())
}

func TestService_Finish_CrashedCreate(t *testing.T) {
	for name, steps := range map[string]int{"after the hold": 1, "after the reservation": 2, "after all": 3} {
		t.Run(name, func(t *testing.T) {
			w := bookingtest.New(t)
			g := NewWithT(t)
			course, slots := w.Courses.Add(2)
			b := begin(t, w, bookingtest.Wish(course, slots[0], slots[1]), steps)
			g.Expect(w.Bookings.Finish(t.Context(), b.ID)).To(Succeed())
			g.Expect(w.Bookings.Finish(t.Context(), b.ID)).To(Succeed(), "a job may run twice")
			g.Expect(w.Store.Find(t.Context(), b.ID)).To(HaveField("Status", booking.Pending))
			g.Expect(w.Topics(t, b.ID)).To(Equal([]string{"booking.created"}))

			w.CheckInvariants(t)
		})
	}
}

func TestService_Finish_UndoesOldCrash(t *testing.T) {
	for name, steps := range map[string]int{"after the hold": 1, "after the reservation": 2} {
		t.Run(name, func(t *testing.T) {
			w := bookingtest.New(t)
			g := NewWithT(t)
			course, slots := w.Courses.Add(2)
			b := begin(t, w, bookingtest.Wish(course, slots[0], slots[1]), steps)
			age(t, w, 2*time.Minute)
			g.Expect(w.Bookings.Finish(t.Context(), b.ID)).To(Succeed())
			g.Expect(w.All(t)).To(BeEmpty(), "the student has gone on")

			w.CheckInvariants(t)
		})
	}
}

func TestService_Finish_RefusedCrash(t *testing.T) {
	w := bookingtest.New(t)
	g := NewWithT(t)
	course, slots := w.Courses.Add(3)
	late := bookingtest.Wish(course, slots[0], slots[1])
	late.Key = "k"
	b := begin(t, w, late, 1)
	_, err := w.Bookings.Create(t.Context(), bookingtest.Wish(course, slots[1], slots[2]))
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(w.Bookings.Finish(t.Context(), b.ID)).To(Succeed())

	w.CheckInvariants(t)
	_, err = w.Bookings.Create(t.Context(), late)
	g.Expect(err).To(MatchError(courseerrs.InvalidSlots), "the answer was remembered")
}

func TestService_Sweep_StaleHolds(t *testing.T) {
	w := bookingtest.New(t)
	g := NewWithT(t)
	course, slots := w.Courses.Add(2)
	b := begin(t, w, bookingtest.Wish(course, slots[0], slots[1]), 2)
	g.Expect(w.Bookings.Sweep(t.Context())).To(Succeed())
	g.Expect(w.Store.Find(t.Context(), b.ID)).To(HaveField("Status", booking.Holding), "it is too young")

	age(t, w, 40*time.Second)
	g.Expect(w.Bookings.Sweep(t.Context())).To(Succeed())
	g.Expect(w.Store.Find(t.Context(), b.ID)).To(HaveField("Status", booking.Pending))

	w.CheckInvariants(t)
}

func TestService_Create_AfterCrash(t *testing.T) {
	w := bookingtest.New(t)
	g := NewWithT(t)
	course, slots := w.Courses.Add(4)
	crashed := bookingtest.Wish(course, slots[0], slots[1])
	begin(t, w, crashed, 2)
	second := crashed
	second.FirstChoice, second.SecondChoice = slots[2], slots[3]
	_, err := w.Bookings.Create(t.Context(), second)
	g.Expect(err).To(MatchError(bookingerrs.AlreadyPending), "the crashed one has become pending")

	w.CheckInvariants(t)
}

func TestService_Create_AfterRefusedCrash(t *testing.T) {
	w := bookingtest.New(t)
	g := NewWithT(t)
	course, slots := w.Courses.Add(4)
	crashed := bookingtest.Wish(course, slots[0], slots[1])
	begin(t, w, crashed, 1)
	_, err := w.Bookings.Create(t.Context(), bookingtest.Wish(course, slots[1], slots[2]))
	g.Expect(err).NotTo(HaveOccurred())

	second := crashed
	second.FirstChoice, second.SecondChoice = slots[0], slots[3]
	g.Expect(w.Bookings.Create(t.Context(), second)).To(HaveField("Status", booking.Pending))

	w.CheckInvariants(t)
}

func TestService_Create_AnswerLost(t *testing.T) {
	w := bookingtest.New(t)
	g := NewWithT(t)
	course, slots := w.Courses.Add(2)
	wish := bookingtest.Wish(course, slots[0], slots[1])
	wish.Key = "k"

	w.Network.Break(bookingtest.CourseID, bookingtest.Lost)
	_, err := w.Bookings.Create(t.Context(), wish)
	g.Expect(err).To(MatchError(errs.Unavailable))
	g.Expect(w.Courses.Slots()[slots[0]].BookingID).NotTo(Equal(uuid.Nil), "the slots are held nevertheless")

	w.Network.Break(bookingtest.CourseID, nil)
	g.Expect(w.Bookings.Finish(t.Context(), w.All(t)[0].ID)).To(Succeed())
	g.Expect(w.All(t)).To(BeEmpty())

	w.CheckInvariants(t)
	g.Expect(w.Bookings.Create(t.Context(), wish)).To(HaveField("Status", booking.Pending), "a failure is not remembered")

	w.CheckInvariants(t)
}

func TestService_Create_CourseServiceDown(t *testing.T) {
	for name, fault := range map[string]bookingtest.Fault{"refusing": bookingtest.Down, "hanging": bookingtest.Hanging} {
		t.Run(name, func(t *testing.T) {
			w := bookingtest.New(t)
			g := NewWithT(t)
			course, slots := w.Courses.Add(2)
			wish := bookingtest.Wish(course, slots[0], slots[1])
			wish.Key = "k"
			impatient := w.Replica(bookingtest.Impatient())
			w.Network.Break(bookingtest.CourseID, fault)

			for range 2 {
				_, err := impatient.Create(t.Context(), wish)
				status, _, _ := errs.Render(err, "")
				g.Expect(status).To(Equal(http.StatusServiceUnavailable), "%v", err)
			}

			held := w.All(t)[0]
			g.Expect(held.Abandoned).To(BeTrue(), "it must not become pending behind the student's back")
			g.Expect(impatient.Finish(t.Context(), held.ID)).NotTo(Succeed(), "the job tries again later")

			w.Network.Break(bookingtest.CourseID, nil)
			g.Expect(w.Bookings.Create(t.Context(), wish)).To(HaveField("Status", booking.Pending))
			g.Expect(w.Bookings.Finish(t.Context(), held.ID)).To(Succeed())

			w.CheckInvariants(t)
			g.Expect(w.Outcome(t, "undone")).To(Equal(1))
		})
	}
}

func TestService_Create_CallsTwice(t *testing.T) {
	w := bookingtest.New(t)
	g := NewWithT(t)
	course, slots := w.Courses.Add(2)
	w.Network.Break(bookingtest.CourseID, bookingtest.Doubled)
	b, err := w.Bookings.Create(t.Context(), bookingtest.Wish(course, slots[0], slots[1]))
	g.Expect(err).NotTo(HaveOccurred())

	w.CheckInvariants(t)
	_, err = w.Bookings.Confirm(t.Context(), b.ID, slots[1], admin)
	g.Expect(err).NotTo(HaveOccurred())

	w.CheckInvariants(t)
}

func TestService_Create_ReserveAfterUndo(t *testing.T) {
	w := bookingtest.New(t)
	g := NewWithT(t)
	course, slots := w.Courses.Add(2)
	arrive, arrived := make(chan struct{}), make(chan struct{})
	w.Network.Break(bookingtest.CourseID, bookingtest.On("/internal/reservations", func(
		out http.ResponseWriter, r *http.Request, serve func() *httptest.ResponseRecorder,
	) {
		if r.URL.Path != "/internal/reservations" {
			bookingtest.Forward(out, serve())
			return
		}

		go func() {
			<-arrive
			serve()
			close(arrived)
		}()

		bookingtest.Down(out, r, nil)
	}))
	_, err := w.Bookings.Create(t.Context(), bookingtest.Wish(course, slots[0], slots[1]))
	g.Expect(err).To(MatchError(errs.Unavailable))
	g.Expect(w.Bookings.Finish(t.Context(), w.All(t)[0].ID)).To(Succeed())

	close(arrive)
	<-arrived
	g.Expect(w.All(t)).To(BeEmpty())

	w.CheckInvariants(t)
}

func TestService_Finish_OneOfTwoRefused(t *testing.T) {
	w := bookingtest.New(t)
	g := NewWithT(t)
	course, slots := w.Courses.Add(2)
	b := begin(t, w, bookingtest.Wish(course, slots[0], slots[1]), 2)
	// Another driver was refused a moment before the slots became free, and has abandoned the booking.
	ok, err := w.Store.Abandon(t.Context(), b.ID, nil)
	g.Expect(ok, err).To(BeTrue())

	_, ok, err = w.Store.MakePending(t.Context(), &b, nil)
	g.Expect(ok, err).To(BeFalse())
	g.Expect(w.Bookings.Finish(t.Context(), b.ID)).To(Succeed())
	g.Expect(w.All(t)).To(BeEmpty())

	w.CheckInvariants(t)
}

func TestService_Create_NonsenseFromCourseService(t *testing.T) {
	w := bookingtest.New(t)
	g := NewWithT(t)
	course, slots := w.Courses.Add(2)
	w.Network.Break(bookingtest.CourseID, func(out http.ResponseWriter, _ *http.Request, _ func() *httptest.ResponseRecorder) {
		out.WriteHeader(http.StatusForbidden)
		_, _ = out.Write([]byte(`{"error":"no","code":"AUTH_FORBIDDEN","details":{}}`))
	})
	_, err := w.Bookings.Create(t.Context(), bookingtest.Wish(course, slots[0], slots[1]))
	g.Expect(errors.Is(err, errs.Internal)).To(BeTrue(), "its quarrel with us is not the student's: %v", err)
	g.Expect(w.All(t)).To(ConsistOf(HaveField("Abandoned", true)))
}
