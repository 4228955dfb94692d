package store_test

import (
	"testing"
	"time"

	"github.com/google/uuid"
	. "github.com/onsi/gomega"

	courseerrs "github.com/shema-music/shema/services/contracts/course/errs"
	"github.com/shema-music/shema/services/course/internal/course"
	"github.com/shema-music/shema/services/course/internal/store"
	"github.com/shema-music/shema/services/course/internal/store/storetest"
)

// desk is where bookings ask for slots.
type desk struct {
	*storetest.School

	store *store.Store
	t     testing.TB
}

func newDesk(t testing.TB) *desk {
	school := storetest.NewSchool(t)
	return &desk{School: school, store: store.New(school.Service), t: t}
}

func (d *desk) reserve(booking, of uuid.UUID, slots ...uuid.UUID) (course.State, error) {
	r, err := course.Reserve(d.t.Context(), d.store, course.Hold{
		BookingID: booking,
		CourseID:  of,
		SlotIDs:   slots,
	})

	return r.State, err
}

func (d *desk) settle(booking uuid.UUID, confirmed *uuid.UUID) (course.State, error) {
	r, err := course.Settle(d.t.Context(), d.store, course.Settlement{BookingID: booking, Confirmed: confirmed})
	return r.State, err
}

// holder says who holds a slot: "available", or the status and the booking.
func (d *desk) holder(slot uuid.UUID) string {
	d.t.Helper()

	var (
		status  string
		booking *uuid.UUID
	)

	err := d.Service.QueryRow(d.t.Context(), "SELECT status, booking_id FROM course.schedules WHERE id = $1", slot).Scan(&status, &booking)
	if err != nil {
		d.t.Fatal(err)
	}

	if booking == nil {
		return status
	}

	return status + " " + booking.String()
}

func TestStore_Reserve_BothOrNone(t *testing.T) {
	t.Parallel()
	g := NewWithT(t)
	d := newDesk(t)
	piano := d.Course("piano", "Piano")
	slots := d.Slots(piano, 3)
	ana, ben := uuid.New(), uuid.New()
	g.Expect(d.reserve(ana, piano, slots[0], slots[1])).To(Equal(course.Reserved))

	_, err := d.reserve(ben, piano, slots[1], slots[2])
	g.Expect(err).To(MatchError(courseerrs.InvalidSlots))
	g.Expect(d.holder(slots[2])).To(Equal("available"), "a refused booking holds none")
	g.Expect(d.reserve(ana, piano, slots[0], slots[1])).To(Equal(course.Reserved), "again, for the same booking")
	g.Expect(d.holder(slots[0])).To(Equal("reserved " + ana.String()))
	g.Expect(d.holder(slots[1])).To(Equal("reserved " + ana.String()))
	g.Expect(d.settle(ana, nil)).To(Equal(course.Released))
	g.Expect(d.reserve(ben, piano, slots[1], slots[2])).To(Equal(course.Reserved), "a refusal is not for ever")
}

func TestStore_Reserve_Refusals(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	piano, drums, hidden, archived := d.Course("piano", "P"), d.Course("drums", "D"), d.Course("hidden", "H"), d.Course("archived", "A")
	d.Exec(d.Operator, "UPDATE course.courses SET published = false WHERE id = $1", hidden)
	d.Exec(d.Operator, "UPDATE course.courses SET archived_at = now() WHERE id = $1", archived)
	free, past, other := d.Slot(piano, time.Hour), d.Slot(piano, -time.Second), d.Slot(drums, time.Hour)

	cases := []struct {
		reason     string
		of, second uuid.UUID
		want       error
	}{
		{"an unknown course", uuid.New(), free, courseerrs.NotFound},
		{"an unpublished course", hidden, d.Slot(hidden, time.Hour), courseerrs.NotFound},
		{"an archived course", archived, d.Slot(archived, time.Hour), courseerrs.NotFound},
		{"an unknown slot", piano, uuid.New(), courseerrs.InvalidSlots},
		{"a slot of another course", piano, other, courseerrs.CourseMismatch},
		{"a slot that has begun", piano, past, courseerrs.SlotInPast},
	}
	for _, c := range cases {
		g := NewWithT(t)
		booking := uuid.New()
		_, err := d.reserve(booking, c.of, d.Slot(piano, time.Hour), c.second)
		g.Expect(err).To(MatchError(c.want), c.reason)
		g.Expect(d.count("SELECT count(*) FROM course.reservations")).To(BeZero(), "a refused booking stays unknown")
	}
}

func (d *desk) count(sql string) (n int) {
	d.t.Helper()

	if err := d.Service.QueryRow(d.t.Context(), sql).Scan(&n); err != nil {
		d.t.Fatal(err)
	}

	return n
}

func TestStore_Settle_EveryState(t *testing.T) {
	t.Parallel()

	type step struct {
		act  string // reserve, first, second (confirm that slot), release
		want course.State
	}

	cases := []struct {
		reason        string
		steps         []step
		first, second string // status of the slots in the end
	}{
		{"confirmed", []step{{"reserve", "reserved"}, {"second", "confirmed"}}, "available", "booked"},
		{"confirmed twice", []step{{"reserve", "reserved"}, {"first", "confirmed"}, {"first", "confirmed"}}, "booked", "available"},
		{"confirmed otherwise changes nothing", []step{{"reserve", "reserved"}, {"first", "confirmed"}, {"second", "confirmed"}}, "booked", "available"},
		{"released", []step{{"reserve", "reserved"}, {"release", "released"}, {"release", "released"}}, "available", "available"},
		{"revoked", []step{{"reserve", "reserved"}, {"first", "confirmed"}, {"release", "released"}}, "available", "available"},
		{"late confirmation", []step{{"reserve", "reserved"}, {"release", "released"}, {"first", "released"}}, "available", "available"},
		{"late reserve after a release", []step{{"reserve", "reserved"}, {"release", "released"}, {"reserve", "released"}}, "available", "available"},
		{"release before reserve", []step{{"release", "released"}, {"reserve", "released"}, {"first", "released"}}, "available", "available"},
		{"confirmation of an unknown booking leaves no trace", []step{{"first", "released"}, {"reserve", "reserved"}}, "reserved", "reserved"},
		{"late reserve after a confirmation", []step{{"reserve", "reserved"}, {"first", "confirmed"}, {"reserve", "confirmed"}}, "booked", "available"},
	}
	for _, c := range cases {
		t.Run(c.reason, func(t *testing.T) {
			t.Parallel()
			g := NewWithT(t)
			d := newDesk(t)
			piano, booking := d.Course("piano", "Piano"), uuid.New()

			slots := d.Slots(piano, 2)
			for _, s := range c.steps {
				var (
					got course.State
					err error
				)
				switch s.act {
				case "reserve":
					got, err = d.reserve(booking, piano, slots...)
				case "release":
					got, err = d.settle(booking, nil)
				case "first":
					got, err = d.settle(booking, &slots[0])
				case "second":
					got, err = d.settle(booking, &slots[1])
				}

				g.Expect(err).NotTo(HaveOccurred())
				g.Expect(got).To(Equal(s.want), s.act)
			}

			g.Expect(d.holder(slots[0])).To(HavePrefix(c.first))
			g.Expect(d.holder(slots[1])).To(HavePrefix(c.second))
		})
	}
}

// A slot that the operator has withdrawn goes when its booking gives it back, and
// stays when it is the one that was chosen.
func TestStore_Settle_WithdrawnSlots(t *testing.T) {
	t.Parallel()

	cases := []struct {
		reason     string
		confirmed  int
		withdrawn  []int
		wantStatus []string
	}{
		{"both given back", -1, []int{0, 1}, []string{"", ""}},
		{"one of them withdrawn", -1, []int{1}, []string{"available", ""}},
		{"the chosen one stays", 0, []int{0, 1}, []string{"booked", ""}},
		{"the other one is offered again", 0, []int{0}, []string{"booked", "available"}},
	}
	for _, c := range cases {
		t.Run(c.reason, func(t *testing.T) {
			t.Parallel()
			g := NewWithT(t)
			d := newDesk(t)
			piano := d.Course("piano", "Piano")
			slots := d.Slots(piano, 2)
			booking := uuid.New()
			_, err := d.reserve(booking, piano, slots...)
			g.Expect(err).NotTo(HaveOccurred())

			var chosen *uuid.UUID
			if c.confirmed >= 0 {
				chosen = &slots[c.confirmed]
			}

			for _, i := range c.withdrawn {
				d.Exec(d.Operator, "UPDATE course.schedules SET withdrawn_at = now() WHERE id = $1", slots[i])
			}

			_, err = d.settle(booking, chosen)
			g.Expect(err).NotTo(HaveOccurred())

			for i, want := range c.wantStatus {
				var status string

				err := d.Service.QueryRow(t.Context(),
					"SELECT coalesce((SELECT status FROM course.schedules WHERE id = $1), '')", slots[i]).Scan(&status)
				g.Expect(err).NotTo(HaveOccurred())
				g.Expect(status).To(Equal(want), c.reason)
			}

			g.Expect(d.Violations()).To(BeZero())
		})
	}
}

func TestStore_Settle_Others(t *testing.T) {
	t.Parallel()
	g := NewWithT(t)
	d := newDesk(t)
	piano, ana, ben := d.Course("piano", "Piano"), uuid.New(), uuid.New()
	slots := d.Slots(piano, 3)
	g.Expect(d.reserve(ana, piano, slots[0], slots[1])).To(Equal(course.Reserved))
	g.Expect(d.settle(ana, &slots[0])).To(Equal(course.Confirmed))
	g.Expect(d.reserve(ben, piano, slots[1], slots[2])).To(Equal(course.Reserved))

	for range 2 {
		g.Expect(d.settle(ana, nil)).To(Equal(course.Released))
	}

	g.Expect(d.settle(ana, &slots[1])).To(Equal(course.Released))
	g.Expect(d.settle(uuid.New(), nil)).To(Equal(course.Released))
	g.Expect(d.holder(slots[1])).To(Equal("reserved " + ben.String()))
	g.Expect(d.holder(slots[2])).To(Equal("reserved " + ben.String()))

	foreign := uuid.New()
	g.Expect(d.settle(ben, &foreign)).To(Equal(course.Reserved), "a slot that ben does not hold cannot be chosen")
}
