package store_test

import (
	"testing"
	"time"

	"github.com/google/uuid"
	. "github.com/onsi/gomega"
)

func TestStore_Tidy(t *testing.T) {
	t.Parallel()
	g := NewWithT(t)
	d := newDesk(t)
	piano, released, kept := d.Course("piano", "Piano"), uuid.New(), uuid.New()

	const day = 24 * time.Hour

	old, held, young := d.Slot(piano, -91*day), d.Slot(piano, -91*day), d.Slot(piano, -89*day)
	d.Exec(d.Service, "UPDATE course.schedules SET status = 'booked', booking_id = $2 WHERE id = $1", held, kept)
	d.Exec(d.Service, `INSERT INTO course.reservations (booking_id, state, updated_at) VALUES
		($1, 'released', now() - interval '91 days'), ($2, 'confirmed', now() - interval '91 days'),
		(gen_random_uuid(), 'released', now() - interval '89 days')`, released, kept)

	g.Expect(d.store.Tidy(t.Context())).To(Succeed())
	g.Expect(d.count("SELECT count(*) FROM course.schedules")).To(Equal(2), "held ones are history, young ones may be asked for")
	g.Expect(d.holder(held)).To(Equal("booked " + kept.String()))
	g.Expect(d.holder(young)).To(Equal("available"))
	g.Expect(d.count("SELECT count(*) FROM course.schedules WHERE id = '" + old.String() + "'")).To(BeZero())
	g.Expect(d.count("SELECT count(*) FROM course.reservations")).To(Equal(2))
}
