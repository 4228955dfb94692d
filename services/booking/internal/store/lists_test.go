package store_test

import (
	"slices"
	"testing"

	"github.com/google/uuid"
	. "github.com/onsi/gomega"

	"github.com/shema-music/shema/services/booking/internal/booking"
)

func TestStore_List_Pages(t *testing.T) {
	s, db := newStore(t)
	user := uuid.New()

	mine := make([]uuid.UUID, 5)
	for i := range mine {
		r := newRequest()
		r.UserID = user
		mine[i] = pending(t, s, r).ID
		pending(t, s, newRequest())
	}

	held := newRequest()
	held.UserID = user
	hold(t, s, held)
	// The same moment for all: then the ids decide.
	db.Exec(t, `UPDATE booking.bookings SET created_at = now()`)

	for name, oldestFirst := range map[string]bool{"newest first": false, "oldest first": true} {
		t.Run(name, func(t *testing.T) {
			g := NewWithT(t)
			f := booking.Filter{UserID: &user, OldestFirst: oldestFirst, Limit: 2}

			var got []uuid.UUID
			for {
				found, err := s.List(t.Context(), f)
				g.Expect(err).NotTo(HaveOccurred())

				if len(found) == 0 {
					break
				}

				for _, b := range found {
					got = append(got, b.ID)
				}

				last := found[len(found)-1]
				f.After = &booking.Position{At: last.CreatedAt, ID: last.ID}
			}

			want := slices.Clone(mine)
			slices.SortFunc(want, func(a, b uuid.UUID) int { return slices.Compare(a[:], b[:]) })

			if !oldestFirst {
				slices.Reverse(want)
			}

			g.Expect(got).To(Equal(want), "every booking once, held ones never")
		})
	}
}

func TestStore_List_Filters(t *testing.T) {
	s, _ := newStore(t)
	g := NewWithT(t)
	waiting, cancelled := pending(t, s, newRequest()), pending(t, s, newRequest())
	_, err := s.Decide(t.Context(), booking.Cancellation(cancelled.ID, cancelled.UserID))
	g.Expect(err).NotTo(HaveOccurred())

	hold(t, s, newRequest())
	g.Expect(s.List(t.Context(), booking.Filter{Limit: 10})).To(HaveLen(2))
	g.Expect(s.List(t.Context(), booking.Filter{Limit: 10, Status: new(booking.Cancelled)})).To(
		ConsistOf(HaveField("ID", cancelled.ID)))
	g.Expect(s.List(t.Context(), booking.Filter{Limit: 10, UserID: &waiting.UserID})).To(
		ConsistOf(HaveField("ID", waiting.ID)))
	g.Expect(s.List(t.Context(), booking.Filter{Limit: 10, CourseID: &waiting.CourseID})).To(
		ConsistOf(HaveField("ID", waiting.ID)))
	g.Expect(s.List(t.Context(), booking.Filter{Limit: 10, From: &cancelled.CreatedAt})).To(
		ConsistOf(HaveField("ID", cancelled.ID)), "from is inclusive")
	g.Expect(s.List(t.Context(), booking.Filter{Limit: 10, To: &cancelled.CreatedAt})).To(
		ConsistOf(HaveField("ID", waiting.ID)), "to is exclusive")
	g.Expect(s.CountPending(t.Context())).To(BeEquivalentTo(1))
}
