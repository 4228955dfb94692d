package store_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/google/uuid"
	. "github.com/onsi/gomega"

	"github.com/shema-music/shema/services/course/internal/course"
	"github.com/shema-music/shema/services/course/internal/store"
	"github.com/shema-music/shema/services/course/internal/store/storetest"
)

func TestStore_Occupancy(t *testing.T) {
	t.Parallel()
	school := storetest.NewSchool(t)
	s := store.New(school.Service)
	piano, drums, old := school.Course("piano", "Piano"), school.Course("drums", "Drums"), school.Course("old", "Old")
	school.Exec(school.Operator, "UPDATE course.courses SET teacher = NULL, archived_at = now() WHERE id = $1", old)

	// A Sunday evening in UTC is a Monday morning in Jakarta.
	sunday := time.Date(2027, 1, 3, 23, 0, 0, 0, time.UTC)
	at := func(of uuid.UUID, start time.Time, status string) {
		id := school.Slot(of, time.Hour)
		school.Exec(school.Service, "UPDATE course.schedules SET starts_at = $2, ends_at = $3 WHERE id = $1",
			id, start, start.Add(time.Hour))

		if status != "available" {
			school.Exec(school.Service, "UPDATE course.schedules SET status = $2, booking_id = $3 WHERE id = $1",
				id, status, uuid.New())
		}
	}
	at(piano, sunday, "booked")
	at(piano, sunday.Add(24*time.Hour), "reserved")
	at(drums, sunday, "available")
	at(old, sunday.Add(-24*time.Hour), "booked")
	at(piano, sunday.AddDate(0, 0, -30), "booked")

	from, to := sunday.AddDate(0, 0, -7), sunday.AddDate(0, 0, 7)

	cases := map[string]struct {
		reason string
		query  course.OccupancyQuery
		want   []string
	}{
		"course": {"by its name, archived ones too", course.OccupancyQuery{By: course.ByCourse, From: &from, To: &to},
			[]string{"drums: 1, 0, 0", "old: 1, 0, 1", "piano: 2, 1, 1"}},
		"teacher": {"no teacher counts as one", course.OccupancyQuery{By: course.ByTeacher, From: &from, To: &to},
			[]string{": 1, 0, 1", "Ibu Sari: 3, 1, 1"}},
		"weekday and hour": {"from monday, in the school's zone", course.OccupancyQuery{By: course.ByWeekdayHour, From: &from, To: &to},
			[]string{"monday 6: 2, 0, 1", "tuesday 6: 1, 1, 0", "sunday 6: 1, 0, 1"}},
		"bounds": {"from is inclusive, to is not", course.OccupancyQuery{By: course.ByCourse, From: &sunday, To: new(sunday.Add(24 * time.Hour))},
			[]string{"drums: 1, 0, 0", "piano: 1, 0, 1"}},
		"no bounds": {"90 days, and all that is ahead", course.OccupancyQuery{By: course.ByCourse},
			[]string{"drums: 1, 0, 0", "old: 1, 0, 1", "piano: 3, 1, 2"}},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			c.query.Zone = "Asia/Jakarta"
			g := NewWithT(t)
			found, err := s.Occupancy(t.Context(), c.query)
			g.Expect(err).NotTo(HaveOccurred())

			rows := make([]string, len(found))
			for i, o := range found {
				rows[i] = fmt.Sprintf("%s: %d, %d, %d", o.Key, o.Slots, o.Reserved, o.Booked)
			}

			g.Expect(rows).To(Equal(c.want), c.reason)
		})
	}
}
