package store_test

import (
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	. "github.com/onsi/gomega"

	"github.com/shema-music/shema/services/booking/internal/booking"
)

// together calls do for 0 to n-1 at once.
func together(n int, do func(i int)) {
	var all sync.WaitGroup
	for i := range n {
		all.Go(func() { do(i) })
	}

	all.Wait()
}

// TestStore_Hold_Together: requests that share statements are answered as if each had come alone, also those that are in
// each other's way.
func TestStore_Hold_Together(t *testing.T) {
	const people = 20

	s, db := newStore(t)
	g := NewWithT(t)

	requests := make([]booking.Request, 2*people)
	for i := range people {
		requests[i] = newRequest()
		requests[i].Note = new("as soon as possible")
		requests[people+i] = requests[i] // the same lesson, from another device
		requests[people+i].ID = uuid.Must(uuid.NewV7())
	}

	spent, gone := newRequest(), newRequest()
	spent.Budget = 1
	pending(t, s, booking.Request{
		ID:           uuid.Must(uuid.NewV7()),
		UserID:       spent.UserID,
		CourseID:     uuid.New(),
		FirstChoice:  uuid.New(),
		SecondChoice: uuid.New(),
	})
	db.Exec(t, `INSERT INTO booking.erased_people (user_id) VALUES ($1)`, gone.UserID)

	requests = slices.Concat(requests, []booking.Request{spent, gone})
	holds, failures := make([]booking.Hold, len(requests)), make([]error, len(requests))

	together(len(requests), func(i int) { holds[i], failures[i] = s.Hold(t.Context(), requests[i]) })

	for i := range people {
		one, other := holds[i], holds[people+i]
		if one.Held == nil {
			one, other = other, one
		}

		g.Expect(failures[i]).NotTo(HaveOccurred())
		g.Expect(failures[people+i]).NotTo(HaveOccurred())
		g.Expect(one.Held).To(HaveField("UserID", requests[i].UserID))
		g.Expect(other.Blocking).To(HaveField("ID", one.Held.ID), "the second request hears of the first")
	}

	g.Expect(failures[2*people]).To(MatchError(ContainSubstring("RATE_LIMITED")))
	g.Expect(failures[2*people+1]).To(MatchError(ContainSubstring("AUTH_INVALID_TOKEN")))
	g.Expect(db.All(t)).To(HaveLen(people + 1))
}

// TestStore_Hold_Together_Refused: a request that the database refuses is none of the others' business.
func TestStore_Hold_Together_Refused(t *testing.T) {
	s, db := newStore(t)
	g := NewWithT(t)

	requests := make([]booking.Request, 12)
	for i := range requests {
		requests[i] = newRequest()
	}

	requests[5].SecondChoice = requests[5].FirstChoice
	failures := make([]error, len(requests))

	together(len(requests), func(i int) { _, failures[i] = s.Hold(t.Context(), requests[i]) })

	for i, err := range failures {
		g.Expect(err != nil).To(Equal(i == 5), "%d: %v", i, err)
	}

	g.Expect(db.All(t)).To(HaveLen(len(requests) - 1))
}

// TestStore_MakePending_Together: bookings that share a statement become pending, finished and announced, once each.
func TestStore_MakePending_Together(t *testing.T) {
	const count = 24

	s, db := newStore(t)
	g := NewWithT(t)
	course := uuid.New()

	held := make([]booking.Booking, count)
	for i := range held {
		r := newRequest()
		if i%2 == 0 {
			r.CourseID = course
		}

		if i%5 == 0 {
			r.Key = "k" // its answer is remembered
		}

		held[i] = hold(t, s, r)
	}

	abandoned, err := s.Abandon(t.Context(), held[3].ID, nil)
	g.Expect(abandoned, err).To(BeTrue())

	made, ok := make([]booking.Booking, 2*count), make([]bool, 2*count)
	together(2*count, func(i int) {
		var err error

		b := held[i%count]
		about := &booking.Snapshot{Course: booking.Course{ID: b.CourseID, Name: "piano", Title: "Piano"}}
		made[i], ok[i], err = s.MakePending(t.Context(), &b, about)
		g.Expect(err).NotTo(HaveOccurred())
	})

	for i, b := range held {
		if i == 3 {
			g.Expect(ok[i] || ok[count+i]).To(BeFalse(), "an abandoned booking stays so")
			g.Expect(db.Events(t, b.ID)).To(BeEmpty())

			continue
		}

		g.Expect(ok[i]).NotTo(Equal(ok[count+i]), "only one of two calls makes it")

		winner := made[i]
		if !ok[i] {
			winner = made[count+i]
		}

		kept, err := s.Find(t.Context(), b.ID)
		g.Expect(err).NotTo(HaveOccurred())
		g.Expect(winner).To(Equal(kept))
		g.Expect(winner.Snapshot.Course.Title).To(Equal("Piano"))

		events := db.Events(t, b.ID)
		g.Expect(events).To(HaveLen(1))
		g.Expect(events[0].Timestamp).To(BeTemporally("==", winner.UpdatedAt), "the moment of the change")
		g.Expect(events[0].Timestamp.Location()).To(Equal(time.UTC))

		_, payload := winner.Event()
		payload.Timestamp = events[0].Timestamp
		g.Expect(events[0]).To(Equal(payload), "the same event, however it was written")
	}

	var unfinished, teachers int
	g.Expect(db.Pool.QueryRow(t.Context(), `SELECT count(*) FROM booking.unfinished WHERE booking_id <> $1`, held[3].ID).Scan(&unfinished)).To(Succeed())
	g.Expect(unfinished).To(BeZero())
	g.Expect(db.Pool.QueryRow(t.Context(), `SELECT count(*) FROM booking.course_teachers`).Scan(&teachers)).To(Succeed())
	g.Expect(teachers).To(Equal(1 + count/2 - 1))
}
