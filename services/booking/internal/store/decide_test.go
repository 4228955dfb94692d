package store_test

import (
	"errors"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	. "github.com/onsi/gomega"

	"github.com/shema-music/shema/services/booking/internal/booking"
	bookingerrs "github.com/shema-music/shema/services/contracts/booking/errs"
)

func TestStore_Decide_Confirms(t *testing.T) {
	s, db := newStore(t)
	g := NewWithT(t)
	b := pending(t, s, newRequest())
	outcome, err := s.Decide(t.Context(), booking.Confirmation(b.ID, b.SecondChoice, admin))
	g.Expect(err).NotTo(HaveOccurred())

	got := outcome.Booking
	g.Expect(got).To(And(
		HaveField("StateVersion", BeEquivalentTo(2)), HaveField("DecidedBy", HaveValue(Equal(admin))),
		HaveField("DecidedAt", Equal(got.ConfirmedAt)),
		HaveField("Status", booking.Confirmed), HaveField("StatusReason", BeNil()),
		HaveField("ConfirmedSlotID", HaveValue(Equal(b.SecondChoice))), HaveField("DecisionNote", BeNil())))
	g.Expect(db.Topics(t, b.ID)).To(Equal([]string{"booking.created", "booking.confirmed"}))

	var version int64

	g.Expect(db.Pool.QueryRow(t.Context(), `
		SELECT version FROM booking.unfinished WHERE booking_id = $1`, b.ID).Scan(&version)).To(Succeed())
	g.Expect(version).To(BeEquivalentTo(2), "until its slots have followed")

	// Who has finished the state before leaves it.
	g.Expect(s.Finished(t.Context(), map[uuid.UUID]int64{b.ID: 1})).To(Succeed())
	g.Expect(s.OldestUnfinished(t.Context())).To(BeNumerically(">", 0))

	g.Expect(s.Finished(t.Context(), map[uuid.UUID]int64{b.ID: 2})).To(Succeed())
	g.Expect(s.OldestUnfinished(t.Context())).To(BeZero())
}

func TestStore_Decide_Revokes(t *testing.T) {
	s, db := newStore(t)
	g := NewWithT(t)
	b := pending(t, s, newRequest())
	_, err := s.Decide(t.Context(), booking.Revocation(b.ID, admin, "ill"))
	g.Expect(err).To(MatchError(bookingerrs.NotConfirmed))

	_, err = s.Decide(t.Context(), booking.Confirmation(b.ID, b.FirstChoice, admin))
	g.Expect(err).NotTo(HaveOccurred())

	db.Backdate(t, b.ID) // a confirmed booking has no deadline any more
	outcome, err := s.Decide(t.Context(), booking.Revocation(b.ID, admin, "the teacher fell ill"))
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(outcome.Booking).To(And(
		HaveField("Status", booking.Cancelled), HaveField("StatusReason", HaveValue(Equal(booking.ByAdmin))),
		HaveField("DecisionNote", HaveValue(Equal("the teacher fell ill"))),
		HaveField("ConfirmedSlotID", HaveValue(Equal(b.FirstChoice))), HaveField("ConfirmedAt", Not(BeNil()))))

	var confirmed string
	g.Expect(db.Pool.QueryRow(t.Context(), `
		SELECT data->>'confirmedSlotId' FROM booking.outbox_events
		WHERE topic = 'booking.cancelled'`).Scan(&confirmed)).To(Succeed())
	g.Expect(confirmed).To(Equal(b.FirstChoice.String()))
}

func TestStore_Decide_Refusals(t *testing.T) {
	s, db := newStore(t)
	for name, c := range map[string]struct {
		reason  string
		prepare func(b booking.Booking)
		decide  func(b booking.Booking) booking.Decision
		want    error
	}{
		"unknown": {
			reason: "there is no such booking",
			decide: func(booking.Booking) booking.Decision { return booking.Rejection(uuid.New(), admin, nil) },
			want:   bookingerrs.NotFound,
		},
		"another student's": {
			reason: "what is not yours does not exist",
			decide: func(b booking.Booking) booking.Decision { return booking.Cancellation(b.ID, uuid.New()) },
			want:   bookingerrs.NotFound,
		},
		"slot not chosen": {
			reason: "the student chose other slots",
			decide: func(b booking.Booking) booking.Decision { return booking.Confirmation(b.ID, uuid.New(), admin) },
			want:   bookingerrs.SlotNotChosen,
		},
		"late, not swept": {
			reason:  "the deadline's truth is the column",
			prepare: func(b booking.Booking) { db.Backdate(t, b.ID) },
			decide:  func(b booking.Booking) booking.Decision { return booking.Confirmation(b.ID, b.FirstChoice, admin) },
			want:    bookingerrs.Expired,
		},
		"late, swept": {
			reason: "a late decision is refused alike after the sweep",
			prepare: func(b booking.Booking) {
				db.Backdate(t, b.ID)
				_, ok, err := s.Expire(t.Context(), b.ID)
				NewWithT(t).Expect(ok, err).To(BeTrue())
			},
			decide: func(b booking.Booking) booking.Decision { return booking.Cancellation(b.ID, b.UserID) },
			want:   bookingerrs.Expired,
		},
		"rejected before": {
			reason: "only one decision counts",
			prepare: func(b booking.Booking) {
				_, err := s.Decide(t.Context(), booking.Rejection(b.ID, admin, new("full")))
				NewWithT(t).Expect(err).NotTo(HaveOccurred())
			},
			decide: func(b booking.Booking) booking.Decision { return booking.Cancellation(b.ID, b.UserID) },
			want:   bookingerrs.NotPending,
		},
	} {
		t.Run(name, func(t *testing.T) {
			g := NewWithT(t)

			b := pending(t, s, newRequest())
			if c.prepare != nil {
				c.prepare(b)
			}

			before := db.Topics(t, b.ID)
			_, err := s.Decide(t.Context(), c.decide(b))
			g.Expect(err).To(MatchError(c.want), c.reason)
			g.Expect(db.Topics(t, b.ID)).To(Equal(before), "a refused decision announces nothing")
		})
	}

	t.Run("held", func(t *testing.T) {
		b := hold(t, s, newRequest())
		_, err := s.Decide(t.Context(), booking.Confirmation(b.ID, b.FirstChoice, admin))
		NewWithT(t).Expect(err).To(MatchError(bookingerrs.NotFound), "a held booking can't be seen")
	})
}

func TestStore_Decide_OneWins(t *testing.T) {
	s, db := newStore(t)

	g := NewWithT(t)
	for range 10 {
		b := pending(t, s, newRequest())
		decisions := []booking.Decision{
			booking.Confirmation(b.ID, b.FirstChoice, admin), booking.Confirmation(b.ID, b.SecondChoice, admin),
			booking.Rejection(b.ID, admin, nil), booking.Cancellation(b.ID, b.UserID),
		}
		errs := make([]error, len(decisions))

		var wg sync.WaitGroup
		for i, d := range decisions {
			wg.Go(func() { _, errs[i] = s.Decide(t.Context(), d) })
		}

		wg.Wait()

		cancelled := errs[3] == nil
		losers := slices.DeleteFunc(errs, func(err error) bool { return err == nil })
		won := len(decisions) - len(losers)

		// A lesson that has just been confirmed may be cancelled; nothing else follows another decision.
		g.Expect(won).To(Or(Equal(1), And(Equal(2), WithTransform(func(int) bool { return cancelled }, BeTrue()))))

		for _, err := range losers {
			g.Expect(errors.Is(err, bookingerrs.NotPending)).To(BeTrue(), "%v", err)
		}

		g.Expect(db.Topics(t, b.ID)).To(HaveLen(1+won), "created, and each decision that applied")
	}
}

func TestStore_Decide_DeadlineAfterWaiting(t *testing.T) {
	s, db := newStore(t)
	g := NewWithT(t)
	b := pending(t, s, newRequest())
	tx, err := db.Pool.Begin(t.Context())
	g.Expect(err).NotTo(HaveOccurred())

	defer func() { _ = tx.Rollback(t.Context()) }()

	_, err = tx.Exec(t.Context(), `
		UPDATE booking.bookings SET expires_at = clock_timestamp() + interval '150 milliseconds' WHERE id = $1`, b.ID)
	g.Expect(err).NotTo(HaveOccurred())

	decided := make(chan error, 1)
	go func() {
		_, err := s.Decide(t.Context(), booking.Confirmation(b.ID, b.FirstChoice, admin))
		decided <- err
	}()

	g.Eventually(func(g Gomega) {
		var waiting, late bool
		g.Expect(tx.QueryRow(t.Context(), `
			SELECT EXISTS (SELECT FROM pg_locks WHERE NOT granted AND transactionid IS NOT NULL),
				(SELECT expires_at < clock_timestamp() FROM booking.bookings WHERE id = $1)`, b.ID).
			Scan(&waiting, &late)).To(Succeed())
		g.Expect(waiting && late).To(BeTrue())
	}).Should(Succeed())
	g.Expect(tx.Commit(t.Context())).To(Succeed())
	g.Expect(<-decided).To(MatchError(bookingerrs.Expired))
}

// TestStore_Decide_WhileHandedOver confirms a lesson while its course gets a teacher: the confirmation waits, and the lesson is
// that teacher's. Without that it would have no teacher, and neither side would tell them.
func TestStore_Decide_WhileHandedOver(t *testing.T) {
	s, db := newStore(t)
	g := NewWithT(t)
	b, teacher := pending(t, s, newRequest()), uuid.New()
	tx, err := db.Pool.Begin(t.Context())
	g.Expect(err).NotTo(HaveOccurred())

	defer func() { _ = tx.Rollback(t.Context()) }()

	_, err = tx.Exec(t.Context(), `UPDATE booking.course_teachers SET teacher_id = $2 WHERE course_id = $1`, b.CourseID, teacher)
	g.Expect(err).NotTo(HaveOccurred())

	decided := make(chan booking.Outcome, 1)
	go func() {
		outcome, _ := s.Decide(t.Context(), booking.Confirmation(b.ID, b.FirstChoice, admin))
		decided <- outcome
	}()

	g.Eventually(func(g Gomega) {
		var waiting bool
		g.Expect(tx.QueryRow(t.Context(), `SELECT EXISTS (SELECT FROM pg_locks WHERE NOT granted AND transactionid IS NOT NULL)`).
			Scan(&waiting)).To(Succeed())
		g.Expect(waiting).To(BeTrue())
	}).WithTimeout(10 * time.Second).Should(Succeed())
	g.Expect(tx.Commit(t.Context())).To(Succeed())
	g.Expect((<-decided).Booking.TeacherID).To(HaveValue(Equal(teacher)))
}

func TestStore_ExpireDue_Shared(t *testing.T) {
	s, db := newStore(t)
	g := NewWithT(t)

	ids := map[uuid.UUID]bool{}
	for range 30 {
		b := pending(t, s, newRequest())
		db.Backdate(t, b.ID)
		ids[b.ID] = true
	}

	alive := pending(t, s, newRequest())

	var (
		mu sync.Mutex
		wg sync.WaitGroup
	)
	for range 3 {
		wg.Go(func() {
			for {
				expired, err := s.ExpireDue(t.Context(), 4)
				g.Expect(err).NotTo(HaveOccurred())

				mu.Lock()
				for _, b := range expired {
					g.Expect(ids).To(HaveKey(b.ID), "each booking expires once")

					delete(ids, b.ID)
				}

				mu.Unlock()

				if len(expired) == 0 {
					return
				}
			}
		})
	}

	wg.Wait()
	g.Expect(ids).To(BeEmpty())
	g.Expect(s.Find(t.Context(), alive.ID)).To(HaveField("Status", booking.Pending))

	var events int
	g.Expect(db.Pool.QueryRow(t.Context(), `
		SELECT count(*) FROM booking.outbox_events WHERE topic = 'booking.expired'`).Scan(&events)).To(Succeed())
	g.Expect(events).To(Equal(30))
}

func TestStore_Expire(t *testing.T) {
	s, db := newStore(t)
	g := NewWithT(t)
	b := pending(t, s, newRequest())
	_, ok, err := s.Expire(t.Context(), b.ID)
	g.Expect(ok, err).To(BeFalse())

	db.Backdate(t, b.ID)
	got, ok, err := s.Expire(t.Context(), b.ID)
	g.Expect(ok, err).To(BeTrue())
	g.Expect(got).To(And(HaveField("Status", booking.Rejected), HaveField("StatusReason", HaveValue(Equal(booking.ByDeadline)))))
	g.Expect(db.Topics(t, b.ID)).To(Equal([]string{"booking.created", "booking.expired"}))
}
