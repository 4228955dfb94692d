package cache_test

import (
	"testing"
	"time"

	"github.com/google/uuid"
	. "github.com/onsi/gomega"

	"github.com/shema-music/shema/services/course/internal/course"
)

// TestCatalogue_Courses_SlowReader is the reason why keys hold the version: a reader
// has seen the free slots, the slots are taken, and only then the reader writes what it
// saw to the cache.
func TestCatalogue_Courses_SlowReader(t *testing.T) {
	t.Parallel()

	cases := map[string]func(w *world, t *testing.T, slots []uuid.UUID){
		"a reservation": func(w *world, t *testing.T, slots []uuid.UUID) {
			_, err := course.Reserve(t.Context(), w.source, course.Hold{
				BookingID: uuid.New(),
				CourseID:  w.piano,
				SlotIDs:   slots[:2],
			})
			NewWithT(t).Expect(err).NotTo(HaveOccurred())
		},
		"the operator withdraws slots": func(w *world, _ *testing.T, slots []uuid.UUID) {
			w.Exec(w.Operator, "DELETE FROM course.schedules WHERE id = ANY($1)", slots[:2])
		},
		"the operator unpublishes the course": func(w *world, _ *testing.T, _ []uuid.UUID) {
			w.Exec(w.Operator, "UPDATE course.courses SET published = false")
		},
		"a hand moves slots to the past": func(w *world, _ *testing.T, slots []uuid.UUID) {
			w.Exec(w.Service, "UPDATE course.schedules SET starts_at = now() - interval '2 days', ends_at = now() - interval '1 day' WHERE id = ANY($1)", slots[:2])
		},
	}
	for change, apply := range cases {
		t.Run(change, func(t *testing.T) {
			t.Parallel()
			g := NewWithT(t)
			w := newWorld(t)
			slots := w.Slots(w.piano, 3)
			arrived, release := w.backend.hold()

			slow := make(chan []uuid.UUID)
			go func() { slow <- w.available(t) }()

			<-arrived
			apply(w, t, slots)
			release()
			g.Expect(<-slow).To(Equal(slots), "the slow reader asked before the change")
			g.Expect(w.backend.entries).To(HaveLen(1), "its stale page is in the cache")
			g.Expect(w.available(t)).NotTo(ContainElements(slots[0]), "and no reader gets it")
			g.Expect(w.available(t)).NotTo(ContainElements(slots[1]))
		})
	}
}

// TestCatalogue_Courses_ChangeWhileReading: what is kept stands under the version that the
// data has, not under the one that the reader asked for.
func TestCatalogue_Courses_ChangeWhileReading(t *testing.T) {
	t.Parallel()
	g := NewWithT(t)
	w := newWorld(t)
	slots := w.Slots(w.piano, 3)
	w.source.gate = make(chan struct{})

	slow := make(chan []uuid.UUID)
	go func() { slow <- w.available(t) }()

	g.Eventually(func() int { w.source.mu.Lock(); defer w.source.mu.Unlock(); return w.source.loads }).Should(Equal(1))

	_, err := course.Reserve(t.Context(), w.source, course.Hold{
		BookingID: uuid.New(),
		CourseID:  w.piano,
		SlotIDs:   slots[:2],
	})
	g.Expect(err).NotTo(HaveOccurred())

	close(w.source.gate)
	g.Expect(<-slow).To(Equal(slots[2:]))
	g.Expect(w.available(t)).To(Equal(slots[2:]))
	g.Expect(w.source.loads).To(Equal(1), "the kept page is right and is used")
}

func TestCatalogue_Available_BegunSlot(t *testing.T) {
	t.Parallel()
	g := NewWithT(t)
	w := newWorld(t)
	soon, later := w.Slot(w.piano, 700*time.Millisecond), w.Slot(w.piano, time.Hour)
	g.Expect(w.available(t)).To(Equal([]uuid.UUID{soon, later}))
	g.Eventually(func() []uuid.UUID { return w.available(t) }).Within(5 * time.Second).Should(Equal([]uuid.UUID{later}))

	loads := w.source.loads
	w.available(t)
	g.Expect(w.source.loads).To(Equal(loads), "the page without it has taken its place")
}
