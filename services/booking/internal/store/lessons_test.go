package store_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/google/uuid"
	. "github.com/onsi/gomega"

	"github.com/shema-music/shema/services/booking/internal/booking"
	"github.com/shema-music/shema/services/booking/internal/store"
	"github.com/shema-music/shema/services/booking/internal/store/storetest"
)

// confirmed makes a confirmed booking whose lesson begins at the given time.
func confirmed(t *testing.T, s *store.Store, r booking.Request, start time.Time) booking.Booking {
	t.Helper()
	g := NewWithT(t)
	slot := booking.Slot{StartsAt: start, EndsAt: start.Add(time.Hour), TimeZone: "Asia/Jakarta"}
	_, ok, err := s.MakePending(t.Context(), new(hold(t, s, r)), &booking.Snapshot{
		Course: booking.Course{ID: r.CourseID, Name: "piano", Title: "Piano", Instrument: "piano"},
		Slots:  map[uuid.UUID]booking.Slot{r.FirstChoice: slot, r.SecondChoice: slot},
	})
	g.Expect(ok, err).To(BeTrue())

	outcome, err := s.Decide(t.Context(), booking.Confirmation(r.ID, r.FirstChoice, admin))
	g.Expect(err).NotTo(HaveOccurred())

	return outcome.Booking
}

func TestStore_Lessons(t *testing.T) {
	s, db := newStore(t)
	noon := time.Now().Add(48 * time.Hour).Truncate(time.Second).UTC()
	teacher, piano, drums := uuid.New(), newRequest(), newRequest()
	db.Exec(t, `INSERT INTO booking.course_teachers (course_id, teacher_id) VALUES ($1, $2)`, piano.CourseID, teacher)

	later := confirmed(t, s, piano, noon.Add(time.Hour))
	sooner := confirmed(t, s, drums, noon)
	past := newRequest()
	past.UserID = piano.UserID
	gone := confirmed(t, s, past, noon)
	db.Exec(t, `UPDATE booking.bookings SET lesson_starts_at = now() - interval '1 hour' WHERE id = $1`, gone.ID)
	pending(t, s, newRequest())

	NewWithT(t).Expect(later.TeacherID).To(HaveValue(Equal(teacher)), "the course's, from the moment of the confirmation")
	NewWithT(t).Expect(sooner.TeacherID).To(BeNil())

	for name, c := range map[string]struct {
		reason string
		filter booking.LessonFilter
		want   []uuid.UUID
	}{
		"all":     {"from now on, by time", booking.LessonFilter{}, []uuid.UUID{sooner.ID, later.ID}},
		"past":    {"if asked for", booking.LessonFilter{From: new(noon.Add(-99 * time.Hour))}, []uuid.UUID{gone.ID, sooner.ID, later.ID}},
		"from":    {"inclusive", booking.LessonFilter{From: new(noon.Add(time.Hour))}, []uuid.UUID{later.ID}},
		"to":      {"exclusive", booking.LessonFilter{To: new(noon.Add(time.Hour))}, []uuid.UUID{sooner.ID}},
		"teacher": {"what they give", booking.LessonFilter{TeacherID: &teacher}, []uuid.UUID{later.ID}},
		"student": {"their own", booking.LessonFilter{UserID: &drums.UserID}, []uuid.UUID{sooner.ID}},
		"course":  {"of one course", booking.LessonFilter{CourseID: &piano.CourseID}, []uuid.UUID{later.ID}},
		"after":   {"the next page", booking.LessonFilter{After: &booking.Position{At: noon, ID: sooner.ID}}, []uuid.UUID{later.ID}},
	} {
		t.Run(name, func(t *testing.T) {
			g := NewWithT(t)
			c.filter.Limit = 10
			found, err := s.Lessons(t.Context(), c.filter)
			g.Expect(err).NotTo(HaveOccurred())

			ids := make([]uuid.UUID, len(found))
			for i, b := range found {
				ids[i] = b.ID
			}

			g.Expect(ids).To(Equal(c.want), c.reason)
		})
	}
}

func TestStore_Attend(t *testing.T) {
	s, db := newStore(t)
	g := NewWithT(t)
	b := confirmed(t, s, newRequest(), time.Now().Add(time.Hour))
	by := booking.Viewer{UserID: admin, Admin: true}

	db.Exec(t, `UPDATE booking.bookings SET lesson_starts_at = now(),
		lesson = jsonb_set(lesson, ARRAY['slots', confirmed_slot_id::text, 'startsAt'], to_jsonb(now())) WHERE id = $1`, b.ID)

	g.Expect(s.Attend(t.Context(), booking.Attendance{BookingID: b.ID, By: by, Attended: true, Note: new("both hands")})).To(And(
		HaveField("Attended", HaveValue(BeTrue())), HaveField("AttendanceNote", HaveValue(Equal("both hands")))))

	g.Expect(s.Attend(t.Context(), booking.Attendance{BookingID: b.ID, By: by})).To(And(
		HaveField("Attended", HaveValue(BeFalse())), HaveField("AttendanceNote", BeNil()), HaveField("StateVersion", b.StateVersion)))
}

// made makes a booking of a course that was created at the given time, and is what change makes of it.
func made(t *testing.T, db *storetest.Database, course string, at time.Time, change string) {
	t.Helper()
	b := confirmed(t, db.Store, newRequest(), at.Add(99*time.Hour))
	db.Exec(t, `UPDATE booking.bookings SET course_name = $2, instrument = 'piano', created_at = $3, decided_at = $3 WHERE id = $1`,
		b.ID, course, at)

	if change != "" {
		db.Exec(t, `UPDATE booking.bookings SET `+change+` WHERE id = $1`, b.ID)
	}
}

func TestStore_Report(t *testing.T) {
	s, db := newStore(t)
	// Sunday evening in UTC, Monday morning in Jakarta, in the first week of the year.
	monday := time.Date(2027, 1, 3, 20, 0, 0, 0, time.UTC)
	future := monday.AddDate(1, 0, 0)

	made(t, db, "piano", monday, "decided_at = created_at + interval '2 hours'")
	made(t, db, "piano", monday, "decided_at = created_at + interval '5 hours'")
	made(t, db, "drums", monday, "status = 'rejected', status_reason = 'admin', decided_at = created_at + interval '9 hours 15 seconds'")
	made(t, db, "drums", monday, "status = 'rejected', status_reason = 'expired', decided_at = NULL")
	made(t, db, "drums", monday.Add(-20*time.Hour), "status = 'cancelled', status_reason = 'student'")
	made(t, db, "drums", monday.Add(24*time.Hour), "status = 'pending'")
	hold(t, s, newRequest())

	for by, want := range map[booking.Grouping][]string{
		booking.ByDay: {
			"2027-01-03: 1 0 0 0 1 <nil>", "2027-01-04: 4 2 1 1 0 5", "2027-01-05: 1 0 0 0 0 <nil>",
		},
		booking.ByWeek:       {"2026-W53: 1 0 0 0 1 <nil>", "2027-W01: 5 2 1 1 0 5"},
		booking.ByMonth:      {"2027-01: 6 2 1 1 1 5"},
		booking.ByCourse:     {"drums: 4 0 1 1 1 9", "piano: 2 2 0 0 0 3.5"},
		booking.ByInstrument: {"piano: 6 2 1 1 1 5"},
	} {
		t.Run(string(by), func(t *testing.T) {
			g := NewWithT(t)
			found, err := s.Report(t.Context(), booking.ReportQuery{
				By:   by,
				From: new(monday.AddDate(0, 0, -2)),
				To:   &future,
				Zone: "Asia/Jakarta",
			})
			g.Expect(err).NotTo(HaveOccurred())

			rows := make([]string, len(found))
			for i, r := range found {
				rows[i] = fmt.Sprintf("%s: %d %d %d %d %d %s", r.Key, r.Created, r.Confirmed, r.Rejected, r.Expired, r.Cancelled, hours(r))
			}

			g.Expect(rows).To(Equal(want))
		})
	}
}

func hours(r booking.ReportRow) string {
	if r.MedianHours == nil {
		return "<nil>"
	}

	return fmt.Sprint(*r.MedianHours)
}
