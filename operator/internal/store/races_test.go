package store_test

import (
	"sync"
	"testing"

	"github.com/google/uuid"
	. "github.com/onsi/gomega"

	"github.com/shema-music/shema/operator/internal/store"
)

const rounds = 25

// Each round a student takes a slot at the very moment at which the operator
// withdraws it. Whichever of them wins: a slot that was taken is still there, held.
func TestStore_Withdraw_RacesWithReservations(t *testing.T) {
	t.Parallel()

	cases := []struct {
		reason   string
		withdraw func(f fixture, want store.Schedule) (done bool)
	}{
		{"a Schedule is deleted", func(f fixture, want store.Schedule) bool {
			removal, err := f.RemoveSlots(f.ctx, want.Origin, now)
			f.Expect(err).NotTo(HaveOccurred())
			return removal.Done()
		}},
		{"a Schedule changes its slots", func(f fixture, want store.Schedule) bool {
			want.Slots = nil
			return f.applySlots(want).Kept == 0
		}},
		{"a Course is deleted with its slots", func(f fixture, _ store.Schedule) bool {
			removal, err := f.RemoveCourse(f.ctx, piano().Origin, uuid.Nil, true, now)
			f.Expect(err).NotTo(HaveOccurred())
			return removal.Done()
		}},
	}

	for _, c := range cases {
		t.Run(c.reason, func(t *testing.T) {
			t.Parallel()

			f := setup(t)
			for range rounds {
				f.apply(piano())

				want := lessons(1, 1)
				f.applySlots(want)

				var (
					taken, done bool
					both        sync.WaitGroup
				)
				both.Go(func() { taken = f.hold(want.Slots[0].ID, "reserved") })
				both.Go(func() { done = c.withdraw(f, want) })
				both.Wait()
				f.Expect(done).To(Equal(!taken), "the operator knows who won")

				held := f.number("SELECT count(*) FROM course.schedules WHERE id = $1 AND status = 'reserved'", want.Slots[0].ID)
				if taken {
					f.Expect(held).To(Equal(1), "what was taken is held")
				} else {
					f.Expect(held).To(BeZero(), "what was not taken is gone")
				}

				_, err := f.service.Exec(f.ctx, "DELETE FROM course.courses")
				f.Expect(err).NotTo(HaveOccurred())
			}
		})
	}
}
