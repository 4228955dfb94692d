package store_test

import (
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	. "github.com/onsi/gomega"

	"github.com/shema-music/shema/services/booking/internal/booking"
	bookingerrs "github.com/shema-music/shema/services/contracts/booking/errs"
)

func TestStore_Hold(t *testing.T) {
	s, db := newStore(t)
	g := NewWithT(t)
	r := newRequest()
	r.Note = new("after school, please")
	b := hold(t, s, r)
	g.Expect(b).To(And(
		HaveField("ID", r.ID), HaveField("UserID", r.UserID), HaveField("Status", booking.Holding),
		HaveField("Note", HaveValue(Equal("after school, please"))), HaveField("Abandoned", false)))
	g.Expect(b.ExpiresAt.Sub(b.CreatedAt)).To(Equal(72 * time.Hour))

	var due time.Time

	g.Expect(db.Pool.QueryRow(t.Context(), `
		SELECT due_at FROM booking.unfinished WHERE booking_id = $1`, b.ID).Scan(&due)).To(Succeed())
	g.Expect(due).To(BeTemporally("~", b.CreatedAt.Add(booking.FinishAfter), time.Second))
	g.Expect(db.Topics(t, b.ID)).To(BeEmpty(), "no event tells of a booking that is only held")
}

func TestStore_Hold_MeetsAnother(t *testing.T) {
	s, db := newStore(t)
	g := NewWithT(t)
	held := newRequest()
	first := hold(t, s, held)
	again := held
	again.ID, again.Key = uuid.New(), "second"
	h, err := s.Hold(t.Context(), again)
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(h.Blocking).To(HaveField("ID", held.ID), "a held booking must be driven on first")

	var keys int
	g.Expect(db.Pool.QueryRow(t.Context(), `SELECT count(*) FROM booking.idempotency_keys`).Scan(&keys)).To(Succeed())
	g.Expect(keys).To(BeZero(), "a request that has to wait has not used its key")

	_, ok, err := s.MakePending(t.Context(), &first, nil)
	g.Expect(ok, err).To(BeTrue())

	h, err = s.Hold(t.Context(), again)
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(h.Answer).To(HaveField("Refusal", "BOOKING_ALREADY_PENDING"))

	_, err = s.Decide(t.Context(), booking.Cancellation(held.ID, held.UserID))
	g.Expect(err).NotTo(HaveOccurred())

	h, err = s.Hold(t.Context(), again)
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(h.Answer).To(HaveField("Refusal", "BOOKING_ALREADY_PENDING"), "the key remembers its refusal")

	again.Key = ""
	hold(t, s, again)
}

func TestStore_Hold_MeetsOverdue(t *testing.T) {
	s, db := newStore(t)
	g := NewWithT(t)
	r := newRequest()
	b := pending(t, s, r)
	db.Backdate(t, b.ID)
	r.ID = uuid.New()
	h, err := s.Hold(t.Context(), r)
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(h.Blocking).To(HaveField("ID", b.ID), "the deadline counts, not the sweep")
}

func TestStore_Hold_WithKey(t *testing.T) {
	s, db := newStore(t)
	g := NewWithT(t)
	r := newRequest()
	r.Key = "clé\xff" // headers need not be UTF-8
	first := hold(t, s, r)
	repeat := r
	repeat.ID = uuid.New()

	h, err := s.Hold(t.Context(), repeat)
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(h.Started).To(HaveField("ID", first.ID), "without an answer the repeat drives the first on")

	other := repeat
	other.Note = new("something else")
	_, err = s.Hold(t.Context(), other)
	g.Expect(err).To(MatchError(bookingerrs.IdempotencyMismatch))

	stranger := other
	stranger.UserID = uuid.New()
	hold(t, s, stranger)

	made, ok, err := s.MakePending(t.Context(), &first, nil)
	g.Expect(ok, err).To(BeTrue())

	_, err = s.Decide(t.Context(), booking.Cancellation(first.ID, r.UserID))
	g.Expect(err).NotTo(HaveOccurred())

	h, err = s.Hold(t.Context(), repeat)
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(h.Answer.Booking).To(HaveValue(Equal(made)), "the first answer counts, whatever has become of the booking")

	db.Exec(t, `UPDATE booking.idempotency_keys SET created_at = now() - interval '25 hours'`)

	other.ID = uuid.New()
	hold(t, s, other)
}

func TestStore_Hold_KeyOfUndone(t *testing.T) {
	s, _ := newStore(t)
	g := NewWithT(t)
	r := newRequest()
	r.Key = "k"
	first := hold(t, s, r)
	ok, err := s.Abandon(t.Context(), first.ID, nil)
	g.Expect(ok, err).To(BeTrue())

	r.ID = uuid.New()
	h, err := s.Hold(t.Context(), r)
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(h.Started).To(HaveField("Abandoned", true))
	g.Expect(s.Remove(t.Context(), first.ID)).To(Succeed())

	second := hold(t, s, r)
	_, ok, err = s.MakePending(t.Context(), &second, nil)
	g.Expect(ok, err).To(BeTrue())

	h, err = s.Hold(t.Context(), r)
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(h.Answer.Booking).To(HaveField("ID", second.ID))
}

func TestStore_MakePending_Abandoned(t *testing.T) {
	s, db := newStore(t)
	g := NewWithT(t)
	r := newRequest()
	r.Key = "k"
	b := hold(t, s, r)
	ok, err := s.AbandonOlder(t.Context(), b.ID, time.Hour)
	g.Expect(ok, err).To(BeFalse(), "it is young")
	g.Expect(s.Remove(t.Context(), b.ID)).To(Succeed())

	_, err = s.Find(t.Context(), b.ID)
	g.Expect(err).NotTo(HaveOccurred(), "only abandoned bookings are removed")

	answer := booking.Answer{Refusal: "BOOKING_INVALID_SLOTS", Details: map[string]any{"slot_ids": []any{"x"}}}
	ok, err = s.Abandon(t.Context(), b.ID, &answer)
	g.Expect(ok, err).To(BeTrue())

	ok, err = s.Abandon(t.Context(), b.ID, nil)
	g.Expect(ok, err).To(BeFalse(), "once is enough")

	_, ok, err = s.MakePending(t.Context(), &b, nil)
	g.Expect(ok, err).To(BeFalse())
	g.Expect(s.Remove(t.Context(), b.ID)).To(Succeed())

	_, err = s.Find(t.Context(), b.ID)
	g.Expect(err).To(MatchError(bookingerrs.NotFound))
	g.Expect(db.Topics(t, b.ID)).To(BeEmpty())

	h, err := s.Hold(t.Context(), r)
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(h.Answer).To(HaveValue(Equal(answer)))
}

func TestStore_MakePending_Once(t *testing.T) {
	s, db := newStore(t)
	g := NewWithT(t)
	b := hold(t, s, newRequest())

	var wg sync.WaitGroup

	wins := make(chan bool, 8)
	for range cap(wins) {
		wg.Go(func() {
			_, ok, err := s.MakePending(t.Context(), &b, nil)
			g.Expect(err).NotTo(HaveOccurred())

			wins <- ok
		})
	}

	wg.Wait()
	close(wins)

	won := 0
	for ok := range wins {
		if ok {
			won++
		}
	}

	g.Expect(won).To(Equal(1))
	g.Expect(db.Topics(t, b.ID)).To(Equal([]string{"booking.created"}))
}

func TestStore_Remember(t *testing.T) {
	s, _ := newStore(t)
	g := NewWithT(t)
	r := newRequest()
	r.Key = "k"
	first, second := booking.Answer{Refusal: "BOOKING_SAME_SLOT"}, booking.AlreadyPending()
	got, err := s.Remember(t.Context(), r, first)
	g.Expect(got, err).To(Equal(first))

	got, err = s.Remember(t.Context(), r, second)
	g.Expect(got, err).To(Equal(first))

	r.CourseID = uuid.New()
	_, err = s.Remember(t.Context(), r, second)
	g.Expect(err).To(MatchError(bookingerrs.IdempotencyMismatch))
}

func TestStore_ForgetAnswers(t *testing.T) {
	s, db := newStore(t)

	g := NewWithT(t)
	for range 3 {
		r := newRequest()
		r.Key = "k"
		hold(t, s, r)
	}

	n, err := s.ForgetAnswers(t.Context(), 10)
	g.Expect(n, err).To(BeZero())

	db.Exec(t, `UPDATE booking.idempotency_keys SET created_at = now() - interval '24 hours'`)
	n, err = s.ForgetAnswers(t.Context(), 2)
	g.Expect(n, err).To(Equal(2))

	n, err = s.ForgetAnswers(t.Context(), 2)
	g.Expect(n, err).To(Equal(1))
}

func TestStore_StaleHolds(t *testing.T) {
	s, db := newStore(t)
	g := NewWithT(t)
	fresh, old := hold(t, s, newRequest()), hold(t, s, newRequest())
	done := pending(t, s, newRequest())
	db.Exec(t, `
		UPDATE booking.bookings SET created_at = now() - interval '1 minute' WHERE id <> $1`, fresh.ID)
	g.Expect(s.StaleHolds(t.Context(), 30*time.Second, 10)).To(Equal([]uuid.UUID{old.ID}))

	ok, err := s.AbandonOlder(t.Context(), old.ID, 30*time.Second)
	g.Expect(ok, err).To(BeTrue())

	ok, err = s.AbandonOlder(t.Context(), done.ID, 30*time.Second)
	g.Expect(ok, err).To(BeFalse(), "it is not held any more")
}
