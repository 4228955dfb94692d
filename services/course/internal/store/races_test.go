package store_test

import (
	"errors"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/google/uuid"
	. "github.com/onsi/gomega"

	courseerrs "github.com/shema-music/shema/services/contracts/course/errs"
	"github.com/shema-music/shema/services/course/internal/course"
)

// atOnce runs n copies of act that all start together, and waits for them.
func atOnce(n int, act func(i int)) {
	start := make(chan struct{})

	var wg sync.WaitGroup
	for i := range n {
		wg.Go(func() {
			<-start
			act(i)
		})
	}

	close(start)
	wg.Wait()
}

// fails remembers errors other than a refusal for slots that are gone.
type fails struct {
	mu   sync.Mutex
	list []error
}

func (f *fails) note(err error) {
	if err == nil || errors.Is(err, courseerrs.InvalidSlots) {
		return
	}

	f.mu.Lock()
	defer f.mu.Unlock()

	f.list = append(f.list, err)
}

func TestStore_Reserve_FortyForOnePair(t *testing.T) {
	t.Parallel()
	g := NewWithT(t)
	d := newDesk(t)
	piano := d.Course("piano", "Piano")
	slots := d.Slots(piano, 2)

	var (
		won    atomic.Int32
		failed fails
	)
	atOnce(40, func(i int) {
		_, err := d.reserve(uuid.New(), piano, slots[i%2], slots[(i+1)%2])
		if err == nil {
			won.Add(1)
		}

		failed.note(err)
	})
	g.Expect(failed.list).To(BeEmpty())
	g.Expect(won.Load()).To(BeEquivalentTo(1))
	g.Expect(d.Violations()).To(BeZero())
}

func TestStore_Reserve_OverlappingPairs(t *testing.T) {
	t.Parallel()
	g := NewWithT(t)
	d := newDesk(t)
	piano := d.Course("piano", "Piano")

	const length = 5
	for range 6 {
		slots := d.Slots(piano, length)

		var (
			won    atomic.Int32
			failed fails
		)
		atOnce(4*length, func(i int) {
			_, err := d.reserve(uuid.New(), piano, slots[i%length], slots[(i+1)%length])
			if err == nil {
				won.Add(1)
			}

			failed.note(err)
		})
		g.Expect(failed.list).To(BeEmpty(), "transactions don't wait in a circle")
		g.Expect(won.Load()).To(BeNumerically("~", 1.5, 0.5), "one or two of five in a ring, never three")
	}

	g.Expect(d.Violations()).To(BeZero())
}

func TestStore_Reserve_SameBookingAtOnce(t *testing.T) {
	t.Parallel()
	g := NewWithT(t)
	d := newDesk(t)
	piano, booking := d.Course("piano", "Piano"), uuid.New()
	slots := d.Slots(piano, 2)
	atOnce(20, func(int) {
		g.Expect(d.reserve(booking, piano, slots...)).To(Equal(course.Reserved))
	})
	g.Expect(d.Violations()).To(BeZero())
}

func TestStore_Settle_WhileReserving(t *testing.T) {
	t.Parallel()
	g := NewWithT(t)
	d := newDesk(t)
	piano := d.Course("piano", "Piano")

	slots := d.Slots(piano, 2)
	for range 20 {
		booking := uuid.New()

		var failed fails
		atOnce(4, func(i int) {
			var err error
			if i%2 == 0 {
				_, err = d.reserve(booking, piano, slots...)
			} else {
				_, err = d.settle(booking, nil)
			}

			failed.note(err)
		})
		g.Expect(failed.list).To(BeEmpty())
		g.Expect(d.holder(slots[0])).To(Equal("available"), "whichever came first, the release counts")
	}

	g.Expect(d.Violations()).To(BeZero())
}

func TestStore_Settle_DecisionsAtOnce(t *testing.T) {
	t.Parallel()
	g := NewWithT(t)
	d := newDesk(t)

	piano := d.Course("piano", "Piano")
	for range 15 {
		booking, slots := uuid.New(), d.Slots(piano, 2)
		g.Expect(d.reserve(booking, piano, slots...)).To(Equal(course.Reserved))

		var failed fails
		atOnce(6, func(i int) {
			choice := []*uuid.UUID{&slots[0], &slots[1], nil}[i%3]
			_, err := d.settle(booking, choice)
			failed.note(err)
		})
		g.Expect(failed.list).To(BeEmpty())
		g.Expect(d.settle(booking, &slots[0])).To(Equal(course.Released))
	}

	g.Expect(d.Violations()).To(BeZero())
}

// TestStore_Settle_RandomInterleavings lets bookings of overlapping slots do everything at once, in
// every order, while the operator edits the catalogue, and then looks whether the
// slots are held by exactly whom the reservations name.
func TestStore_Settle_RandomInterleavings(t *testing.T) {
	t.Parallel()
	g := NewWithT(t)
	d := newDesk(t)
	piano := d.Course("piano", "Piano")
	slots := d.Slots(piano, 6)
	bookings := make([]uuid.UUID, 12)

	pairs := make([][]uuid.UUID, len(bookings))
	for i := range bookings {
		bookings[i] = uuid.New()
		order := rand.Perm(len(slots))
		pairs[i] = []uuid.UUID{slots[order[0]], slots[order[1]]}
	}

	for range 5 {
		var failed fails
		atOnce(24, func(i int) {
			dice := rand.New(rand.NewPCG(uint64(i), rand.Uint64()))
			for range 10 {
				failed.note(d.something(dice, bookings, pairs, piano, slots))
			}
		})
		g.Expect(failed.list).To(BeEmpty())
		g.Expect(d.Violations()).To(BeZero())

		for i := range bookings {
			if i%2 == 0 { // Half of the bookings are new ones in the next round.
				_, err := d.settle(bookings[i], nil)
				g.Expect(err).NotTo(HaveOccurred())

				bookings[i] = uuid.New()
			}
		}
	}
}

func (d *desk) something(dice *rand.Rand, bookings []uuid.UUID, pairs [][]uuid.UUID, of uuid.UUID, slots []uuid.UUID) error {
	who := dice.IntN(len(bookings))

	var err error
	switch dice.IntN(8) {
	case 0, 1, 2:
		_, err = d.reserve(bookings[who], of, pairs[who]...)
	case 3, 4:
		_, err = d.settle(bookings[who], &pairs[who][dice.IntN(2)])
	case 5:
		_, err = d.settle(bookings[who], nil)
	case 6:
		_, err = d.Operator.Exec(d.t.Context(), "UPDATE course.courses SET title = title || '.' WHERE id = $1", of)
	case 7:
		_, err = d.Operator.Exec(d.t.Context(), "UPDATE course.schedules SET updated_at = now() WHERE id = $1", slots[dice.IntN(len(slots))])
	}

	return err
}

func TestStore_Reserve_RestoredSlot(t *testing.T) {
	t.Parallel()
	g := NewWithT(t)
	d := newDesk(t)
	piano, booking := d.Course("piano", "Piano"), uuid.New()
	slots := d.Slots(piano, 2)
	g.Expect(d.reserve(booking, piano, slots...)).To(Equal(course.Reserved))

	d.Exec(d.Operator, "DELETE FROM course.schedules WHERE id = $1", slots[0])
	atOnce(2, func(i int) {
		if i == 0 {
			d.Exec(d.Operator, `INSERT INTO course.schedules (id, course_id, starts_at, ends_at, time_zone, resource_namespace,
				resource_name, resource_uid, resource_generation)
				SELECT $1, course_id, starts_at, ends_at, time_zone, 'school', 's', 's', 1 FROM course.schedules WHERE id = $2`,
				slots[0], slots[1])

			return
		}

		g.Expect(d.settle(booking, &slots[0])).To(Equal(course.Confirmed))
	})
	g.Expect(d.Violations()).To(BeZero())
	g.Expect(d.holder(slots[0])).To(Equal("booked " + booking.String()))
}
