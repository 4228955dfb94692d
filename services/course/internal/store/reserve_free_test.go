package store_test

import (
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	. "github.com/onsi/gomega"

	courseerrs "github.com/shema-music/shema/services/contracts/course/errs"
	"github.com/shema-music/shema/services/course/internal/course"
)

// hold is what a booking that is new asks for.
func hold(of uuid.UUID, slots ...uuid.UUID) course.Hold {
	return course.Hold{BookingID: uuid.New(), CourseID: of, SlotIDs: slots}
}

// packed is hold with a package of the course.
func packed(name string, of uuid.UUID, slots ...uuid.UUID) course.Hold {
	h := hold(of, slots...)
	h.Package = &name

	return h
}

// TestReserveMany_Mixed: each booking is answered as if it had come alone, whatever comes with it.
func TestReserveMany_Mixed(t *testing.T) {
	t.Parallel()
	g := NewWithT(t)
	d := newDesk(t)
	piano, drums := d.Course("piano", "Piano"), d.Course("drums", "Drums")
	hidden := d.Course("hidden", "Hidden")
	d.Exec(d.Operator, "UPDATE course.courses SET published = false WHERE id = $1", hidden)
	d.Exec(d.Operator, `UPDATE course.courses SET packages = '[{"name": "monthly", "title": "Four", "lessons": 4, "price": "10", "currency": "IDR"}]'
		WHERE id = $1`, piano)

	p, r := d.Slots(piano, 9), d.Slots(drums, 3)
	past, withdrawn := d.Slot(piano, -time.Second), d.Slot(piano, time.Hour)
	d.Exec(d.Operator, "UPDATE course.schedules SET withdrawn_at = now() WHERE id = $1", withdrawn)

	settled, known := hold(piano, p[0], p[1]), hold(piano, p[2], p[3])
	g.Expect(d.settle(settled.BookingID, nil)).To(Equal(course.Released))
	g.Expect(d.reserve(known.BookingID, piano, p[2], p[3])).To(Equal(course.Reserved))

	cases := []struct {
		reason string
		hold   course.Hold
		state  course.State
		err    error
	}{
		{"free slots", hold(piano, p[4], p[5]), course.Reserved, nil},
		{"free slots of another course", hold(drums, r[1], r[0]), course.Reserved, nil},
		{"a package", packed("monthly", piano, p[6], p[7]), course.Reserved, nil},
		{"a package that there is not", packed("yearly", piano, p[0], p[1]), "", courseerrs.PackageUnknown},
		{"a booking that holds its slots", known, course.Reserved, nil},
		{"a booking that was settled", settled, course.Released, nil},
		{"one slot that is held", hold(piano, p[8], p[2]), "", courseerrs.InvalidSlots},
		{"one slot that another one has just taken", hold(piano, p[8], p[5]), "", courseerrs.InvalidSlots},
		{"a slot of another course", hold(piano, p[8], r[2]), "", courseerrs.CourseMismatch},
		{"a slot that has begun", hold(piano, p[8], past), "", courseerrs.SlotInPast},
		{"a slot that is withdrawn", hold(piano, p[8], withdrawn), "", courseerrs.InvalidSlots},
		{"a course that is hidden", hold(hidden, d.Slots(hidden, 2)...), "", courseerrs.NotFound},
	}

	holds := make([]course.Hold, len(cases))
	for i, c := range cases {
		holds[i] = c.hold
	}

	for i, result := range course.ReserveMany(t.Context(), d.store, holds) {
		c := cases[i]
		g.Expect(result.Answer.State).To(Equal(c.state), c.reason)

		if c.err != nil {
			g.Expect(result.Err).To(MatchError(c.err), c.reason)
			continue
		}

		g.Expect(result.Err).NotTo(HaveOccurred(), c.reason)
		g.Expect(result.Answer.BookingID).To(Equal(c.hold.BookingID), c.reason)
	}

	g.Expect(d.holder(p[8])).To(Equal("available"), "a refused booking holds none")
	g.Expect(d.Violations()).To(BeZero())
}

// TestStore_ReserveFree_Snapshot: what a booking remembers is the same whether its slots were simply free or had to be
// asked for one by one, now and when it is asked again.
func TestStore_ReserveFree_Snapshot(t *testing.T) {
	t.Parallel()
	g := NewWithT(t)
	d := newDesk(t)
	piano := d.Course("piano", "Piano")
	d.Exec(d.Operator, `UPDATE course.courses SET teacher_email = 'sari@shema.test', packages =
		'[{"name": "monthly", "title": "Four", "lessons": 4, "price": "10", "currency": "IDR"}]' WHERE id = $1`, piano)

	h := packed("monthly", piano, d.Slots(piano, 2)...)
	free, err := d.store.ReserveFree(t.Context(), []course.Hold{h})
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(free).To(HaveKey(h.BookingID))

	g.Expect(free[h.BookingID].Package).To(HaveValue(HaveField("Lessons", 4)))
	g.Expect(free[h.BookingID].Snapshot.Course.TeacherEmail).To(HaveValue(Equal("sari@shema.test")))

	again, err := d.store.Reserve(t.Context(), h, h.Check)
	g.Expect(err).NotTo(HaveOccurred())

	for i := range again.Snapshot.Slots {
		again.Snapshot.Slots[i].Status = course.SlotAvailable // it was then
	}

	g.Expect(again.Snapshot).To(Equal(free[h.BookingID].Snapshot))

	none, err := d.store.ReserveFree(t.Context(), []course.Hold{h})
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(none).To(BeEmpty(), "a known booking is not clear")
}

// TestStore_ReserveFree_Locked: slots that another transaction has in hand are not waited for.
func TestStore_ReserveFree_Locked(t *testing.T) {
	t.Parallel()
	g := NewWithT(t)
	d := newDesk(t)
	piano := d.Course("piano", "Piano")
	slots := d.Slots(piano, 4)

	tx, err := d.Service.Begin(t.Context())
	g.Expect(err).NotTo(HaveOccurred())

	defer func() { _ = tx.Rollback(t.Context()) }()

	_, err = tx.Exec(t.Context(), "SELECT FROM course.schedules WHERE id = $1 FOR UPDATE", slots[0])
	g.Expect(err).NotTo(HaveOccurred())

	locked, simple := hold(piano, slots[0], slots[1]), hold(piano, slots[2], slots[3])
	free, err := d.store.ReserveFree(t.Context(), []course.Hold{locked, simple})
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(free).To(And(HaveLen(1), HaveKey(simple.BookingID)))
	g.Expect(d.holder(slots[1])).To(Equal("available"))
}

// TestReserveMany_Races lets batches that want each other's slots, repeat each other's bookings and are settled meanwhile
// come at once: nothing is held twice or by halves, and none of them fails.
func TestReserveMany_Races(t *testing.T) {
	t.Parallel()
	g := NewWithT(t)
	d := newDesk(t)

	const bookings, batches = 12, 6

	courses := []uuid.UUID{d.Course("piano", "Piano"), d.Course("drums", "Drums")}
	slots := [][]uuid.UUID{d.Slots(courses[0], 8), d.Slots(courses[1], 8)}

	holds := make([]course.Hold, bookings)
	for i := range holds {
		of := slots[i%2]
		holds[i] = hold(courses[i%2], of[i%8], of[(i*3+1)%8])
	}

	var all sync.WaitGroup

	failures := make(chan error, bookings*batches*2)

	for n := range batches {
		all.Go(func() {
			turned := append(append([]course.Hold{}, holds[n:]...), holds[:n]...)
			for _, result := range course.ReserveMany(t.Context(), d.store, turned) {
				failures <- result.Err
			}
		})
		all.Go(func() {
			_, err := d.settle(holds[n].BookingID, nil)
			failures <- err
		})
	}

	all.Wait()
	close(failures)

	for err := range failures {
		if err != nil {
			g.Expect(err).To(MatchError(courseerrs.InvalidSlots))
		}
	}

	g.Expect(d.Violations()).To(BeZero())
}
