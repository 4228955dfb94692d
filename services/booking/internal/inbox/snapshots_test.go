package inbox_test

import (
	"testing"

	. "github.com/onsi/gomega"

	"github.com/shema-music/shema/services/booking/internal/booking"
	"github.com/shema-music/shema/services/booking/internal/bookingtest"
)

// TestService_CompleteSnapshots asks what bookings of before snapshots are about. A slot that is gone stays unknown, and
// nothing is made up for it.
func TestService_CompleteSnapshots(t *testing.T) {
	l := newListener(t)
	g := NewWithT(t)
	old, titled, whole := l.confirmed(t), l.pending(t), l.pending(t)
	l.Exec(t, `UPDATE booking.bookings SET lesson = NULL, course_name = NULL, instrument = NULL, lesson_starts_at = NULL,
		lesson_ends_at = NULL WHERE id = $1`, old.ID)
	l.Exec(t, `UPDATE booking.bookings SET course_name = '', instrument = '',
		lesson = jsonb_set(lesson, '{course}', '{"title": "As it was", "name": ""}') WHERE id = $1`, titled.ID)
	l.Courses.Forget(old.SecondChoice)

	find := func(b booking.Booking) booking.Booking {
		found, err := l.Store.Find(t.Context(), b.ID)
		g.Expect(err).NotTo(HaveOccurred())

		return found
	}

	l.Network.Break(bookingtest.CourseID, bookingtest.Down)
	g.Expect(l.Bookings.CompleteSnapshots(t.Context())).NotTo(Succeed(), "the next hour tries again")
	l.Network.Break(bookingtest.CourseID, nil)

	for range 2 {
		g.Expect(l.Bookings.CompleteSnapshots(t.Context())).To(Succeed())
	}

	learned := find(old)
	g.Expect(learned.Course()).To(Equal(old.Course()))
	g.Expect(learned.Lesson()).To(Equal(old.Lesson()))
	g.Expect(learned.Slot(old.SecondChoice)).To(BeNil())

	lessons, err := l.Bookings.Lessons(t.Context(), booking.Viewer{UserID: old.UserID}, booking.LessonFilter{Limit: 10})
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(lessons.Items).To(HaveLen(1), "it is a lesson again")

	kept := find(titled)
	g.Expect(kept.Course()).To(And(HaveField("Title", "As it was"), HaveField("Name", titled.Course().Name)))
	g.Expect(find(whole)).To(Equal(whole))
}
