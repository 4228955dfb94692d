package course_test

import (
	"testing"
	"time"

	"github.com/google/uuid"
	. "github.com/onsi/gomega"

	courseerrs "github.com/shema-music/shema/services/contracts/course/errs"
	"github.com/shema-music/shema/services/contracts/errs"
	"github.com/shema-music/shema/services/course/internal/course"
)

func TestHold_Check(t *testing.T) {
	t.Parallel()

	now := time.Date(2027, 1, 4, 9, 0, 0, 0, time.UTC)
	piano, drums := uuid.New(), uuid.New()
	first, second := uuid.New(), uuid.New()
	slot := func(id uuid.UUID, change ...func(*course.Slot)) course.Slot {
		s := course.Slot{
			ID:       id,
			CourseID: piano,
			StartsAt: now.Add(time.Hour),
			Status:   course.SlotAvailable,
		}
		for _, c := range change {
			c(&s)
		}

		return s
	}
	taken := func(s *course.Slot) { s.Status = course.SlotReserved }
	booked := func(s *course.Slot) { s.Status = course.SlotBooked }
	begun := func(s *course.Slot) { s.StartsAt = now }
	foreign := func(s *course.Slot) { s.CourseID = drums }

	cases := []struct {
		reason      string
		unpublished bool
		slots       []course.Slot
		want        *errs.Kind
		bad         []uuid.UUID
	}{
		{"both are free", false, []course.Slot{slot(first), slot(second)}, nil, nil},
		{"an unpublished course is not there, whatever its slots", true, []course.Slot{slot(first, taken)}, courseerrs.NotFound, nil},
		{"a missing slot comes before a foreign one", false, []course.Slot{slot(first, foreign)}, courseerrs.InvalidSlots, []uuid.UUID{second}},
		{"no slot at all", false, nil, courseerrs.InvalidSlots, []uuid.UUID{first, second}},
		{"a foreign slot comes before a begun one", false, []course.Slot{slot(first, begun), slot(second, foreign)}, courseerrs.CourseMismatch, []uuid.UUID{second}},
		{"a slot that begins now has begun", false, []course.Slot{slot(first), slot(second, begun)}, courseerrs.SlotInPast, []uuid.UUID{second}},
		{"a begun slot comes before a taken one", false, []course.Slot{slot(first, taken), slot(second, begun)}, courseerrs.SlotInPast, []uuid.UUID{second}},
		{"one taken slot is enough", false, []course.Slot{slot(first), slot(second, taken)}, courseerrs.InvalidSlots, []uuid.UUID{second}},
		{"booked is taken", false, []course.Slot{slot(first, booked), slot(second, taken)}, courseerrs.InvalidSlots, []uuid.UUID{first, second}},
	}
	for _, c := range cases {
		t.Run(c.reason, func(t *testing.T) {
			t.Parallel()
			g := NewWithT(t)
			hold := course.Hold{BookingID: uuid.New(), CourseID: piano, SlotIDs: []uuid.UUID{first, second}}

			err := hold.Check(course.Offer{CoursePublished: !c.unpublished, Slots: c.slots, Now: now})
			if c.want == nil {
				g.Expect(err).NotTo(HaveOccurred())

				return
			}

			g.Expect(err).To(MatchError(c.want))

			if c.bad != nil {
				found, _ := errs.As(err)
				g.Expect(found.Details).To(HaveKeyWithValue("slot_ids", c.bad))
			}
		})
	}
}

func TestReservation_Settle(t *testing.T) {
	t.Parallel()

	first, second, stranger := uuid.New(), uuid.New(), uuid.New()
	confirm := func(slot uuid.UUID) func(course.Reservation) course.Reservation {
		return func(r course.Reservation) course.Reservation { return r.Confirm(slot) }
	}
	reservation := func(state course.State, confirmed *uuid.UUID) course.Reservation {
		return course.Reservation{
			State:           state,
			SlotIDs:         []uuid.UUID{first, second},
			ConfirmedSlotID: confirmed,
		}
	}

	cases := []struct {
		reason string
		from   course.Reservation
		act    func(course.Reservation) course.Reservation
		state  course.State
		holds  *uuid.UUID
	}{
		{"a decision books the chosen slot", reservation(course.Reserved, nil), confirm(second), course.Confirmed, &second},
		{"a slot that is not held cannot be chosen", reservation(course.Reserved, nil), confirm(stranger), course.Reserved, nil},
		{"the same decision again", reservation(course.Confirmed, &first), confirm(first), course.Confirmed, &first},
		{"another decision comes too late", reservation(course.Confirmed, &first), confirm(second), course.Confirmed, &first},
		{"a decision after the release", reservation(course.Released, nil), confirm(first), course.Released, nil},
		{"a decision for an unknown booking", course.Reservation{}, confirm(first), "", nil},
		{"a refusal frees both", reservation(course.Reserved, nil), course.Reservation.Release, course.Released, nil},
		{"a revoked booking holds nothing", reservation(course.Confirmed, &first), course.Reservation.Release, course.Released, nil},
		{"released twice", reservation(course.Released, &first), course.Reservation.Release, course.Released, nil},
		{"released before it was ever seen", course.Reservation{}, course.Reservation.Release, course.Released, nil},
	}
	for _, c := range cases {
		t.Run(c.reason, func(t *testing.T) {
			t.Parallel()
			g := NewWithT(t)
			got := c.act(c.from)
			g.Expect(got.State).To(Equal(c.state))
			g.Expect(got.Holds()).To(Equal(c.holds))
		})
	}
}
