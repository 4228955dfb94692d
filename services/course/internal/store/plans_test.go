package store_test

import (
	"testing"

	. "github.com/onsi/gomega"

	"github.com/shema-music/shema/services/course/internal/course"
	"github.com/shema-music/shema/services/course/internal/store"
	"github.com/shema-music/shema/services/course/internal/store/storetest"
	"github.com/shema-music/shema/services/kit/pgtest"
)

// A question for the few slots that are held does not read all those that are not.
func TestStore_Slots_HeldOnesByIndex(t *testing.T) {
	t.Parallel()
	g := NewWithT(t)
	school := storetest.NewSchool(t)
	piano := school.Course("piano", "Piano")

	const many, held = 5_000, 3

	for begin := 1; begin < many; begin += 500 { // within the time of a statement
		school.Exec(school.Operator, `INSERT INTO course.schedules (id, course_id, starts_at, ends_at, time_zone,
				resource_namespace, resource_name, resource_uid, resource_generation)
			SELECT gen_random_uuid(), $1, now() + n * interval '1 minute', now() + (n + 45) * interval '1 minute', 'Asia/Jakarta',
				'school', 'mondays', 'uid', 1 FROM generate_series($2::int, $2 + 499) AS n`, piano, begin)
	}

	school.Exec(school.Service, `UPDATE course.schedules SET status = 'reserved', booking_id = gen_random_uuid()
		WHERE id IN (SELECT id FROM course.schedules ORDER BY starts_at DESC LIMIT $1)`, held)
	school.Exec(school.Service, `VACUUM ANALYZE course.schedules`)

	pool := pgtest.OneConnection(t, school.Service)
	slots := store.New(pool)
	before := pgtest.RowsRead(t, pool, "course.schedules")

	const times = 10
	for range times { // a plan that is made once for all questions comes after five
		found, err := slots.Slots(t.Context(), course.SlotQuery{Status: course.SlotReserved, Limit: 20})
		g.Expect(err).NotTo(HaveOccurred())
		g.Expect(found.Items).To(HaveLen(held))
	}

	g.Expect(pgtest.RowsRead(t, pool, "course.schedules")-before).To(BeNumerically("<", many/10), "rows read, of %d", many)
}
