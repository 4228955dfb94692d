package booking_test

import (
	"context"
	"errors"
	"io"
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

// lesson makes a confirmed booking of a new student, and returns the course's two other slots.
func lesson(t *testing.T, w *bookingtest.World) (old booking.Booking, free []uuid.UUID) {
	t.Helper()
	g := NewWithT(t)
	course, slots := w.Courses.Add(4)
	wish := bookingtest.Wish(course, slots[0], slots[1])
	wish.Package = new("bulanan")

	b, err := w.Bookings.Create(t.Context(), wish)
	g.Expect(err).NotTo(HaveOccurred())

	old, err = w.Bookings.Confirm(t.Context(), b.ID, slots[0], admin)
	g.Expect(err).NotTo(HaveOccurred())

	return old, slots[2:]
}

// move asks for another time of a lesson.
func move(t *testing.T, w *bookingtest.World, old booking.Booking, slots []uuid.UUID) (booking.Booking, error) {
	t.Helper()

	return w.Bookings.Reschedule(t.Context(), old.ID, booking.Request{
		UserID:       old.UserID,
		FirstChoice:  slots[0],
		SecondChoice: slots[1],
	})
}

// starts moves the lessons of a booking's snapshot to the given time from now.
func starts(t *testing.T, w *bookingtest.World, b booking.Booking, in time.Duration) {
	t.Helper()

	start := time.Now().Add(in)
	for id := range b.Snapshot.Slots {
		b.Snapshot.Slots[id] = booking.Slot{StartsAt: start, EndsAt: start.Add(time.Hour), TimeZone: "Asia/Jakarta"}
	}

	w.Exec(t, `UPDATE booking.bookings SET lesson = $2, lesson_starts_at = $3 WHERE id = $1`, b.ID, b.Snapshot, start)
}

func TestService_Reschedule_OldLessonStandsUntilConfirmed(t *testing.T) {
	w := bookingtest.New(t)
	g := NewWithT(t)
	old, free := lesson(t, w)

	next, err := move(t, w, old, free)
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(next).To(And(HaveField("Status", booking.Pending), HaveField("Replaces", HaveValue(Equal(old.ID))),
		HaveField("CourseID", old.CourseID), HaveField("Package", HaveValue(Equal("bulanan"))),
		HaveField("Snapshot.Package.Title", "Four lessons")))
	g.Expect(w.Store.Find(t.Context(), old.ID)).To(HaveField("Status", booking.Confirmed))

	w.CheckInvariants(t)

	next, err = w.Bookings.Confirm(t.Context(), next.ID, free[1], admin)
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(w.Store.Find(t.Context(), old.ID)).To(And(
		HaveField("Status", booking.Cancelled), HaveField("StatusReason", HaveValue(Equal(booking.ByReschedule))),
		HaveField("ReplacedBy", HaveValue(Equal(next.ID))), HaveField("StateVersion", BeEquivalentTo(3))))
	g.Expect(w.Topics(t, next.ID)).To(Equal([]string{"booking.created", "booking.confirmed"}))
	g.Expect(w.Topics(t, old.ID)).To(Equal([]string{"booking.created", "booking.confirmed", "booking.cancelled"}))
	g.Expect(w.Events(t, old.ID)[2]).To(And(HaveField("StatusReason", HaveValue(Equal("rescheduled"))),
		HaveField("ReplacedBy", HaveValue(Equal(next.ID))), HaveField("StateVersion", BeEquivalentTo(3))))
	g.Expect(w.Outcome(t, "rescheduled")).To(Equal(1))

	w.CheckInvariants(t)
}

func TestService_Reschedule_EndsOfTheNewOneChangeNothing(t *testing.T) {
	for name, end := range map[string]func(w *bookingtest.World, t *testing.T, b booking.Booking) error{
		"rejected": func(w *bookingtest.World, t *testing.T, b booking.Booking) error {
			_, err := w.Bookings.Reject(t.Context(), b.ID, admin, nil)
			return err
		},
		"cancelled": func(w *bookingtest.World, t *testing.T, b booking.Booking) error {
			_, err := w.Bookings.Cancel(t.Context(), b.ID, b.UserID)
			return err
		},
		"expired": func(w *bookingtest.World, t *testing.T, b booking.Booking) error {
			w.Backdate(t, b.ID)
			return w.Bookings.Sweep(t.Context())
		},
	} {
		t.Run(name, func(t *testing.T) {
			w := bookingtest.New(t)
			g := NewWithT(t)
			old, free := lesson(t, w)
			next, err := move(t, w, old, free)
			g.Expect(err).NotTo(HaveOccurred())

			g.Expect(end(w, t, next)).To(Succeed())
			g.Expect(w.Store.Find(t.Context(), old.ID)).To(HaveField("Status", booking.Confirmed))
			w.CheckInvariants(t)

			_, err = move(t, w, old, free)
			g.Expect(err).NotTo(HaveOccurred(), "and another try is free")
		})
	}
}

func TestService_Reschedule_Refusals(t *testing.T) {
	w := bookingtest.New(t)
	old, free := lesson(t, w)
	soon, soonFree := lesson(t, w)
	starts(t, w, soon, 24*time.Hour-time.Minute)

	course, slots := w.Courses.Add(2)
	waiting, err := w.Bookings.Create(t.Context(), bookingtest.Wish(course, slots[0], slots[1]))
	NewWithT(t).Expect(err).NotTo(HaveOccurred())

	asked, askedFree := lesson(t, w)
	_, err = move(t, w, asked, askedFree)
	NewWithT(t).Expect(err).NotTo(HaveOccurred())

	stranger := old
	stranger.UserID = uuid.New()

	for name, c := range map[string]struct {
		reason string
		old    booking.Booking
		slots  []uuid.UUID
		want   *errs.Kind
	}{
		"unknown":      {"there is none", booking.Booking{ID: uuid.New()}, free, bookingerrs.NotFound},
		"stranger":     {"what is not yours does not exist", stranger, free, bookingerrs.NotFound},
		"pending":      {"it can be cancelled", waiting, free, bookingerrs.NotConfirmed},
		"too late":     {"less than a day before", soon, soonFree, bookingerrs.TooLate},
		"asked before": {"one wish at a time", asked, askedFree, bookingerrs.AlreadyPending},
		"same slot":    {"two choices must differ", old, []uuid.UUID{free[0], free[0]}, bookingerrs.SameSlot},
		"old slot":     {"that is no other time", old, []uuid.UUID{free[0], *old.ConfirmedSlotID}, courseerrs.InvalidSlots},
		"other course": {"it is the same course", old, slots, courseerrs.CourseMismatch},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := move(t, w, c.old, c.slots)
			NewWithT(t).Expect(err).To(MatchError(c.want), c.reason)
		})
	}
}

// TestService_Reschedule_Races lets everything happen to the old lesson and the new wish at once; whatever comes first,
// bookings and slots agree in the end.
func TestService_Reschedule_Races(t *testing.T) {
	w := bookingtest.New(t)
	g := NewWithT(t)
	other := w.Replica(bookingtest.Timings())

	for range 8 {
		old, free := lesson(t, w)
		next, err := move(t, w, old, free)
		g.Expect(err).NotTo(HaveOccurred())

		acts := []func() error{
			func() error { _, err := w.Bookings.Confirm(t.Context(), next.ID, free[0], admin); return err },
			func() error { _, err := other.Confirm(t.Context(), next.ID, free[1], admin); return err },
			func() error { _, err := w.Bookings.Cancel(t.Context(), next.ID, next.UserID); return err },
			func() error { _, err := other.Cancel(t.Context(), old.ID, old.UserID); return err },
			func() error { _, err := w.Bookings.Revoke(t.Context(), old.ID, admin, "ill"); return err },
			func() error { _, err := move(t, w, old, []uuid.UUID{free[1], free[0]}); return err },
		}

		var wg sync.WaitGroup
		for _, act := range acts {
			wg.Go(func() {
				if err := act(); err != nil {
					_, known := errs.As(err)
					g.Expect(known).To(BeTrue(), "%v", err)
					g.Expect(err).NotTo(MatchError(errs.Internal))
				}
			})
		}

		wg.Wait()
		w.CheckInvariants(t)

		found, err := w.Store.Find(t.Context(), old.ID)
		g.Expect(err).NotTo(HaveOccurred())
		g.Expect(w.Topics(t, old.ID)).To(HaveLen(int(found.StateVersion)), "each state is announced once")
	}
}

// TestService_Reschedule_AtTheDeadline confirms the new booking while its deadline passes.
func TestService_Reschedule_AtTheDeadline(t *testing.T) {
	w := bookingtest.New(t)
	g := NewWithT(t)

	for i := range 8 {
		old, free := lesson(t, w)
		next, err := move(t, w, old, free)
		g.Expect(err).NotTo(HaveOccurred())

		w.Exec(t, `UPDATE booking.bookings SET expires_at = clock_timestamp() + make_interval(secs => $2) WHERE id = $1`,
			next.ID, float64(i)*0.002)

		var wg sync.WaitGroup
		wg.Go(func() {
			if _, err := w.Bookings.Confirm(t.Context(), next.ID, free[0], admin); err != nil {
				g.Expect(err).To(MatchError(bookingerrs.Expired))
			}
		})
		wg.Go(func() { g.Expect(w.Bookings.Sweep(t.Context())).To(Succeed()) })
		wg.Wait()
		g.Eventually(func(g Gomega) {
			g.Expect(w.Bookings.Sweep(t.Context())).To(Succeed())
			g.Expect(w.Bookings.CountPending(t.Context())).To(BeZero())
		}).Should(Succeed())
		w.CheckInvariants(t)
	}
}

func TestService_Reschedule_SettledByTheJob(t *testing.T) {
	w := bookingtest.New(t)
	g := NewWithT(t)
	old, free := lesson(t, w)
	next, err := move(t, w, old, free)
	g.Expect(err).NotTo(HaveOccurred())

	w.Network.Break(bookingtest.CourseID, bookingtest.Down)
	_, err = w.Bookings.Confirm(t.Context(), next.ID, free[0], admin)
	g.Expect(err).NotTo(HaveOccurred(), "the decision stands")

	w.Network.Break(bookingtest.CourseID, nil)
	before := len(w.Network.Calls("settle"))
	g.Expect(w.Bookings.Finish(t.Context(), next.ID)).To(Succeed())
	g.Expect(w.Network.Calls("settle")).To(HaveLen(before+1), "one call moves both")

	w.CheckInvariants(t)
}

// forgetful is a store whose commits succeed and whose answers are lost.
type forgetful struct {
	booking.Store

	lose string
}

func (f *forgetful) Hold(ctx context.Context, r booking.Request) (booking.Hold, error) {
	hold, err := f.Store.Hold(ctx, r)
	if f.lose == "hold" {
		return booking.Hold{}, io.ErrUnexpectedEOF
	}

	return hold, err
}

func (f *forgetful) MakePending(ctx context.Context, held *booking.Booking, s *booking.Snapshot) (booking.Booking, bool, error) {
	b, ok, err := f.Store.MakePending(ctx, held, s)
	if f.lose == "pending" {
		return booking.Booking{}, false, io.ErrUnexpectedEOF
	}

	return b, ok, err
}

func (f *forgetful) Decide(ctx context.Context, d booking.Decision) (booking.Outcome, error) {
	outcome, err := f.Store.Decide(ctx, d)
	if f.lose == "decision" {
		return booking.Outcome{}, errors.Join(err, io.ErrUnexpectedEOF)
	}

	return outcome, err
}

func TestService_CommitAnswerLost(t *testing.T) {
	for _, lost := range []string{"hold", "pending", "decision"} {
		t.Run(lost, func(t *testing.T) {
			w := bookingtest.New(t)
			g := NewWithT(t)
			options := w.Options(bookingtest.Timings())
			options.Store = &forgetful{Store: w.Store, lose: lost}
			bookings := booking.NewService(options)
			course, slots := w.Courses.Add(2)

			b, err := bookings.Create(t.Context(), bookingtest.Wish(course, slots[0], slots[1]))
			g.Expect(err).NotTo(HaveOccurred(), "it is looked whether it stands before 503 is said")
			g.Expect(b.Status).To(Equal(booking.Pending))
			w.CheckInvariants(t)

			g.Expect(bookings.Confirm(t.Context(), b.ID, slots[1], admin)).To(HaveField("Status", booking.Confirmed))
			w.CheckInvariants(t)
		})
	}
}

func TestService_Create_Budget(t *testing.T) {
	w := bookingtest.New(t)
	g := NewWithT(t)
	options := w.Options(bookingtest.Timings())
	options.Budget = 3
	bookings := booking.NewService(options)
	course, slots := w.Courses.Add(2)
	wish := bookingtest.Wish(course, slots[0], slots[1])

	for range options.Budget {
		b, err := bookings.Create(t.Context(), wish)
		g.Expect(err).NotTo(HaveOccurred())

		_, err = bookings.Cancel(t.Context(), b.ID, wish.UserID)
		g.Expect(err).NotTo(HaveOccurred())
	}

	before := w.Network.Calls("")
	wish.Key = "k"
	_, err := bookings.Create(t.Context(), wish)
	g.Expect(err).To(MatchError(errs.RateLimited))
	g.Expect(w.Network.Calls("")).To(Equal(before), "nothing is held")

	_, _, after := errs.Render(err, "")
	g.Expect(after).To(BeNumerically("~", booking.BudgetTime, time.Minute))

	stranger := bookingtest.Wish(course, slots[0], slots[1])
	_, err = bookings.Create(t.Context(), stranger)
	g.Expect(err).NotTo(HaveOccurred(), "the budget is a person's")
	_, err = bookings.Cancel(t.Context(), w.All(t)[3].ID, stranger.UserID)
	g.Expect(err).NotTo(HaveOccurred())

	w.Exec(t, `UPDATE booking.bookings SET created_at = created_at - interval '10 minutes'`)
	_, err = bookings.Create(t.Context(), wish)
	g.Expect(err).NotTo(HaveOccurred(), "the same key: a full budget is no answer to remember")
}

func TestService_Create_Package(t *testing.T) {
	w := bookingtest.New(t)
	g := NewWithT(t)
	course, slots := w.Courses.Add(2)
	wish := bookingtest.Wish(course, slots[0], slots[1])
	wish.Package = new("tahunan")

	_, err := w.Bookings.Create(t.Context(), wish)
	g.Expect(err).To(MatchError(courseerrs.PackageUnknown))

	wish.Package = new("bulanan")
	b, err := w.Bookings.Create(t.Context(), wish)
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(b).To(And(HaveField("Package", HaveValue(Equal("bulanan"))), HaveField("Snapshot.Package.Lessons", 4)))
	g.Expect(w.Events(t, b.ID)).To(ConsistOf(HaveField("Package", HaveValue(Equal("bulanan")))))
}

func TestService_Cancel_ConfirmedLesson(t *testing.T) {
	w := bookingtest.New(t)
	g := NewWithT(t)
	old, _ := lesson(t, w)
	starts(t, w, old, 24*time.Hour-time.Minute)

	_, err := w.Bookings.Cancel(t.Context(), old.ID, old.UserID)
	g.Expect(err).To(MatchError(bookingerrs.TooLate))

	starts(t, w, old, 24*time.Hour+time.Minute)
	g.Expect(w.Bookings.Cancel(t.Context(), old.ID, old.UserID)).To(And(HaveField("Status", booking.Cancelled),
		HaveField("StatusReason", HaveValue(Equal(booking.ByStudent))), HaveField("ConfirmedSlotID", Not(BeNil()))))
	g.Expect(w.Outcome(t, "cancelled")).To(Equal(1))

	w.CheckInvariants(t)
}

func TestService_Confirm_BegunSlot(t *testing.T) {
	w := bookingtest.New(t)
	g := NewWithT(t)
	b := create(t, w)
	starts(t, w, b, -time.Minute)

	_, err := w.Bookings.Confirm(t.Context(), b.ID, b.FirstChoice, admin)
	g.Expect(err).To(MatchError(bookingerrs.SlotBegun))

	_, body, _ := errs.Render(err, "")
	g.Expect(body.Details).To(HaveKeyWithValue("slot_ids", Equal([]uuid.UUID{b.FirstChoice})))
}
