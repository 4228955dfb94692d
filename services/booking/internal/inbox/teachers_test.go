package inbox_test

import (
	"testing"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	. "github.com/onsi/gomega"

	"github.com/shema-music/shema/services/booking/internal/booking"
	"github.com/shema-music/shema/services/booking/internal/store"
)

// notify works the jobs that tell people, all that ever were: a job may run twice.
func (l *listener) notify(t *testing.T) {
	t.Helper()
	g := NewWithT(t)

	rows, err := l.Pool.Query(t.Context(), `SELECT args FROM booking.river_job WHERE kind = 'give_notice' ORDER BY id`)
	g.Expect(err).NotTo(HaveOccurred())

	jobs, err := pgx.CollectRows(rows, pgx.RowTo[store.GiveNotice])
	g.Expect(err).NotTo(HaveOccurred())

	for _, job := range jobs {
		g.Expect(l.Bookings.GiveNotice(t.Context(), booking.Occasion{
			Kind:      job.Notice,
			BookingID: job.BookingID,
			To:        job.To,
			Number:    job.Occasion,
		})).To(Succeed())
	}
}

// heard lists what a person was told by jobs, as the types.
func (l *listener) heard(person uuid.UUID) []string {
	var kinds []string

	for _, n := range l.Users.Notices() {
		if n.UserIds != nil && (*n.UserIds)[0] == person {
			kinds = append(kinds, string(n.Type))
		}
	}

	return kinds
}

// TestService_BindTeachers_TellsBoth has a lesson confirmed before it was known whose it is, as when the Course was bound
// to the teacher a moment ago, and then handed on.
func TestService_BindTeachers_TellsBoth(t *testing.T) {
	l := newListener(t)
	g := NewWithT(t)
	sari, budi := uuid.New(), uuid.New()
	l.Users.AddTeacher(sari, "sari")
	l.Users.AddTeacher(budi, "budi")

	lesson := l.confirmed(t)
	g.Expect(lesson.TeacherID).To(BeNil())

	teach := func(email *string) *booking.Booking {
		l.Courses.Name(lesson.CourseID, email)
		l.Exec(t, `UPDATE booking.course_teachers SET checked_at = '-infinity'`)
		g.Expect(l.Bookings.BindTeachers(t.Context())).To(Succeed())
		l.notify(t)

		found, err := l.Store.Find(t.Context(), lesson.ID)
		g.Expect(err).NotTo(HaveOccurred())

		return &found
	}

	first := teach(new("sari@example.com"))

	g.Expect(l.heard(sari)).To(ConsistOf("lesson_confirmed"))
	g.Expect(first.Sequence()).To(BeEquivalentTo(1), "calendars follow")

	g.Expect(teach(new("sari@example.com")).Sequence()).To(BeEquivalentTo(1), "nothing has changed")

	second := teach(new("budi@example.com"))

	g.Expect(l.heard(sari)).To(ConsistOf("lesson_confirmed", "lesson_revoked"))
	g.Expect(l.heard(budi)).To(ConsistOf("lesson_confirmed"))
	g.Expect(second.Sequence()).To(BeEquivalentTo(2))
	g.Expect(second.LastChange()).To(BeTemporally(">", first.LastChange()))

	lost := l.Users.Notices()["lesson_revoked:"+lesson.ID.String()+":teacher:2"]
	g.Expect(string(*lost.Data)).To(And(ContainSubstring(`"handed_over":true`), ContainSubstring(`"confirmed_slot"`)))

	teach(nil)
	g.Expect(l.heard(budi)).To(ConsistOf("lesson_confirmed", "lesson_revoked"))
}

// TestService_BindTeachers_EndedMeanwhile has a lesson end before its teachers have heard of it.
func TestService_BindTeachers_EndedMeanwhile(t *testing.T) {
	l := newListener(t)
	g := NewWithT(t)
	sari, budi := uuid.New(), uuid.New()
	l.Users.AddTeacher(sari, "sari")
	l.Users.AddTeacher(budi, "budi")

	lesson := l.confirmed(t)

	for _, email := range []string{"sari@example.com", "budi@example.com"} {
		l.Courses.Name(lesson.CourseID, &email)
		l.Exec(t, `UPDATE booking.course_teachers SET checked_at = '-infinity'`)
		g.Expect(l.Bookings.BindTeachers(t.Context())).To(Succeed())
	}

	_, err := l.Bookings.Revoke(t.Context(), lesson.ID, admin, "The hall is being painted.")
	g.Expect(err).NotTo(HaveOccurred())
	l.notify(t)

	g.Expect(l.heard(sari)).To(ConsistOf("lesson_revoked"), "the event does not reach her")
	g.Expect(l.heard(budi)).To(BeEmpty(), "the event tells him")

	lost := l.Users.Notices()["lesson_revoked:"+lesson.ID.String()+":teacher:2"]
	g.Expect(string(*lost.Data)).NotTo(ContainSubstring("handed_over"), "no other teacher gives it")
}
