package booking_test

import (
	"sync"
	"testing"

	"github.com/google/uuid"
	. "github.com/onsi/gomega"

	"github.com/shema-music/shema/services/booking/internal/booking"
	"github.com/shema-music/shema/services/booking/internal/bookingtest"
	bookingerrs "github.com/shema-music/shema/services/contracts/booking/errs"
)

// admin is who decides.
var admin = uuid.New()

// create makes a pending booking of a new student for two new slots.
func create(t *testing.T, w *bookingtest.World) booking.Booking {
	t.Helper()

	course, slots := w.Courses.Add(2)
	b, err := w.Bookings.Create(t.Context(), bookingtest.Wish(course, slots[0], slots[1]))
	NewWithT(t).Expect(err).NotTo(HaveOccurred())

	return b
}

func TestService_Decide_SettlesAtOnce(t *testing.T) {
	w := bookingtest.New(t)
	g := NewWithT(t)
	confirmed, rejected, cancelled := create(t, w), create(t, w), create(t, w)
	g.Expect(w.Bookings.Confirm(t.Context(), confirmed.ID, confirmed.SecondChoice, admin)).To(HaveField("Status", booking.Confirmed))

	w.CheckInvariants(t)
	g.Expect(w.Bookings.Reject(t.Context(), rejected.ID, admin, new("full"))).To(And(
		HaveField("Status", booking.Rejected), HaveField("DecisionNote", HaveValue(Equal("full"))), HaveField("DecidedBy", HaveValue(Equal(admin)))))

	w.CheckInvariants(t)
	g.Expect(w.Bookings.Cancel(t.Context(), cancelled.ID, cancelled.UserID)).To(HaveField("Status", booking.Cancelled))

	w.CheckInvariants(t)
	g.Expect(w.Bookings.Revoke(t.Context(), confirmed.ID, admin, "ill")).To(And(
		HaveField("Status", booking.Cancelled), HaveField("ConfirmedSlotID", HaveValue(Equal(confirmed.SecondChoice)))))

	w.CheckInvariants(t)

	for outcome, n := range map[string]int{"confirmed": 1, "rejected": 1, "cancelled": 1, "revoked": 1} {
		g.Expect(w.Outcome(t, outcome)).To(Equal(n), outcome)
	}
}

func TestService_Decide_CourseServiceDown(t *testing.T) {
	for name, fault := range map[string]bookingtest.Fault{"refusing": bookingtest.Down, "hanging": bookingtest.Hanging} {
		t.Run(name, func(t *testing.T) {
			w := bookingtest.New(t)
			g := NewWithT(t)
			b := create(t, w)
			w.Network.Break(bookingtest.CourseID, fault)
			g.Expect(w.Replica(bookingtest.Impatient()).Confirm(t.Context(), b.ID, b.FirstChoice, admin)).To(HaveField("Status", booking.Confirmed))
			g.Expect(w.Topics(t, b.ID)).To(ContainElement("booking.confirmed"))
			g.Expect(w.SettleFailures(t, booking.Confirmed)).To(Equal(1))
			g.Expect(w.Replica(bookingtest.Impatient()).Finish(t.Context(), b.ID)).NotTo(Succeed(), "the job tries again")

			w.Network.Break(bookingtest.CourseID, nil)
			g.Expect(w.Bookings.Finish(t.Context(), b.ID)).To(Succeed())

			w.CheckInvariants(t)
		})
	}
}

func TestService_Decide_Concurrently(t *testing.T) {
	w := bookingtest.New(t)
	g := NewWithT(t)

	other := w.Replica(bookingtest.Timings())
	for range 10 {
		b := create(t, w)

		var wg sync.WaitGroup

		results := make([]error, 4)
		wg.Go(func() { _, results[0] = w.Bookings.Confirm(t.Context(), b.ID, b.FirstChoice, admin) })
		wg.Go(func() { _, results[1] = other.Confirm(t.Context(), b.ID, b.SecondChoice, admin) })
		wg.Go(func() { _, results[2] = other.Reject(t.Context(), b.ID, admin, nil) })
		wg.Go(func() { _, results[3] = w.Bookings.Cancel(t.Context(), b.ID, b.UserID) })
		wg.Wait()

		won := 0
		for _, err := range results {
			if err == nil {
				won++
				continue
			}

			g.Expect(err).To(MatchError(bookingerrs.NotPending))
		}

		// A lesson that has just been confirmed may be cancelled; nothing else follows another decision.
		cancelled := results[3] == nil
		g.Expect(won).To(Or(Equal(1), And(Equal(2), WithTransform(func(int) bool { return cancelled }, BeTrue()))))
		g.Expect(w.Topics(t, b.ID)).To(HaveLen(1 + won))

		w.CheckInvariants(t)
	}
}

func TestService_Decide_LateExpires(t *testing.T) {
	w := bookingtest.New(t)
	g := NewWithT(t)
	b := create(t, w)
	w.Backdate(t, b.ID)

	for range 2 {
		_, err := w.Bookings.Confirm(t.Context(), b.ID, b.FirstChoice, admin)
		g.Expect(err).To(MatchError(bookingerrs.Expired))
	}

	g.Expect(w.Store.Find(t.Context(), b.ID)).To(And(
		HaveField("Status", booking.Rejected), HaveField("StatusReason", HaveValue(Equal(booking.ByDeadline)))))
	g.Expect(w.Topics(t, b.ID)).To(Equal([]string{"booking.created", "booking.expired"}))

	w.CheckInvariants(t)
}

func TestService_Decide_AtTheDeadline(t *testing.T) {
	w := bookingtest.New(t)

	g := NewWithT(t)
	for i := range 10 {
		b := create(t, w)
		_, err := w.Pool.Exec(t.Context(), `
			UPDATE booking.bookings SET expires_at = clock_timestamp() + make_interval(secs => $2) WHERE id = $1`,
			b.ID, float64(i)*0.002)
		g.Expect(err).NotTo(HaveOccurred())

		var wg sync.WaitGroup
		wg.Go(func() {
			_, err := w.Bookings.Confirm(t.Context(), b.ID, b.FirstChoice, admin)
			if err != nil {
				g.Expect(err).To(MatchError(bookingerrs.Expired))
			}
		})
		wg.Go(func() { g.Expect(w.Bookings.Sweep(t.Context())).To(Succeed()) })
		wg.Wait()
		g.Eventually(func() error { return w.Bookings.Sweep(t.Context()) }).Should(Succeed())
		g.Expect(len(w.Topics(t, b.ID))).To(BeNumerically("<=", 2), "created, and at most one end")
	}

	g.Eventually(func(g Gomega) {
		g.Expect(w.Bookings.Sweep(t.Context())).To(Succeed())
		g.Expect(w.Bookings.CountPending(t.Context())).To(BeZero())
	}).Should(Succeed())

	w.CheckInvariants(t)
}

func TestService_Sweep_Concurrently(t *testing.T) {
	w := bookingtest.New(t)
	g := NewWithT(t)

	ids := make([]uuid.UUID, 25)
	for i := range ids {
		ids[i] = create(t, w).ID
	}

	alive := create(t, w)
	for _, id := range ids {
		w.Backdate(t, id)
	}

	other := w.Replica(bookingtest.Timings())

	var wg sync.WaitGroup
	for _, replica := range []*booking.Service{w.Bookings, other, w.Bookings} {
		wg.Go(func() { g.Expect(replica.Sweep(t.Context())).To(Succeed()) })
	}

	wg.Wait()

	for _, id := range ids {
		g.Expect(w.Topics(t, id)).To(Equal([]string{"booking.created", "booking.expired"}))
	}

	g.Expect(w.Store.Find(t.Context(), alive.ID)).To(HaveField("Status", booking.Pending))
	g.Expect(w.Outcome(t, "expired")).To(Equal(len(ids)))

	w.CheckInvariants(t)
}

func TestService_Sweep_CourseServiceHangs(t *testing.T) {
	w := bookingtest.New(t)

	g := NewWithT(t)
	for range 30 {
		w.Backdate(t, create(t, w).ID)
	}

	before := len(w.Network.Calls("settle"))
	w.Network.Break(bookingtest.CourseID, bookingtest.Hanging)
	g.Expect(w.Replica(bookingtest.Impatient()).Sweep(t.Context())).To(Succeed())
	g.Expect(w.Bookings.CountPending(t.Context())).To(BeZero(), "every deadline is kept")
	g.Expect(len(w.Network.Calls("settle"))-before).To(BeNumerically("<=", 8), "after the first failures it gives up")
}

func TestService_Finish_LateSettlesLastDecision(t *testing.T) {
	w := bookingtest.New(t)
	g := NewWithT(t)
	b := create(t, w)
	w.Network.Break(bookingtest.CourseID, bookingtest.Down)
	_, err := w.Bookings.Confirm(t.Context(), b.ID, b.FirstChoice, admin)
	g.Expect(err).NotTo(HaveOccurred())

	_, err = w.Bookings.Revoke(t.Context(), b.ID, admin, "ill")
	g.Expect(err).NotTo(HaveOccurred())

	w.Network.Break(bookingtest.CourseID, nil)

	for range 2 { // one job for each decision
		g.Expect(w.Bookings.Finish(t.Context(), b.ID)).To(Succeed())

		w.CheckInvariants(t)
	}
}

func TestService_Finish_LeavesPendingAlone(t *testing.T) {
	w := bookingtest.New(t)
	g := NewWithT(t)
	b := create(t, w)
	before := w.Network.Calls("")
	g.Expect(w.Bookings.Finish(t.Context(), b.ID)).To(Succeed())
	g.Expect(w.Network.Calls("")).To(Equal(before))

	w.CheckInvariants(t)
}
