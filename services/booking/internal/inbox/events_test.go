package inbox_test

import (
	"log/slog"
	"testing"
	"time"

	"github.com/google/uuid"
	. "github.com/onsi/gomega"

	"github.com/shema-music/shema/services/booking/internal/booking"
	"github.com/shema-music/shema/services/booking/internal/bookingtest"
	"github.com/shema-music/shema/services/booking/internal/inbox"
	"github.com/shema-music/shema/services/booking/internal/store"
	bookinghttp "github.com/shema-music/shema/services/contracts/booking/http"
	kitinbox "github.com/shema-music/shema/services/kit/inbox"
	"github.com/shema-music/shema/services/kit/servertest"
)

// admin is who decides.
var admin = uuid.New()

// listener is a booking service that hears events.
type listener struct {
	*bookingtest.World
	*servertest.Harness
}

func newListener(t *testing.T) *listener {
	t.Helper()
	w := bookingtest.New(t)
	spec, err := bookinghttp.GetSpec()
	h := servertest.New(t, bookingtest.AppID, spec, err)
	box := kitinbox.New(kitinbox.Options{
		Pool:   w.Pool,
		Schema: store.Schema,
		Log:    slog.New(slog.DiscardHandler),
		Router: h.Server,
	})
	inbox.Register(box, w.Store)

	return &listener{World: w, Harness: h}
}

func (l *listener) pending(t *testing.T) booking.Booking {
	t.Helper()

	course, slots := l.Courses.Add(2)
	wish := bookingtest.Wish(course, slots[0], slots[1])
	wish.Note, wish.Key = new("left-handed"), "k"
	b, err := l.Bookings.Create(t.Context(), wish)
	NewWithT(t).Expect(err).NotTo(HaveOccurred())

	return b
}

func (l *listener) confirmed(t *testing.T) booking.Booking {
	t.Helper()

	b := l.pending(t)
	b, err := l.Bookings.Confirm(t.Context(), b.ID, b.FirstChoice, admin)
	NewWithT(t).Expect(err).NotTo(HaveOccurred())

	return b
}

// TestRegister_Teachers follows a lesson whose Course gets a teacher, another one, and none.
func TestRegister_Teachers(t *testing.T) {
	l := newListener(t)
	g := NewWithT(t)
	sari, budi := uuid.New(), uuid.New()
	l.Users.AddTeacher(sari, "sari")

	ahead, past := l.confirmed(t), l.confirmed(t)
	l.Exec(t, `UPDATE booking.bookings SET course_id = $2, lesson_starts_at = CASE WHEN id = $1 THEN now() - interval '1 hour'
		ELSE lesson_starts_at END, teacher_id = CASE WHEN id = $1 THEN $3::uuid END`, past.ID, ahead.CourseID, budi)

	teacherOf := func(b booking.Booking) *uuid.UUID {
		g.Expect(l.Bookings.BindTeachers(t.Context())).To(Succeed())
		found, err := l.Store.Find(t.Context(), b.ID)
		g.Expect(err).NotTo(HaveOccurred())

		return found.TeacherID
	}
	changed := func(id string) {
		l.Deliver(t, "catalog.changed", id, map[string]any{"kind": "Course", "courseId": ahead.CourseID})
	}

	l.Courses.Name(ahead.CourseID, new("sari@example.com"))
	changed("1")
	g.Expect(teacherOf(ahead)).To(HaveValue(Equal(sari)))
	g.Expect(teacherOf(past)).To(HaveValue(Equal(budi)), "past lessons stay with the teacher who gave them")

	l.Courses.Name(ahead.CourseID, new("budi@example.com"))
	changed("2")
	g.Expect(teacherOf(ahead)).To(BeNil(), "no account has that address yet")

	l.Users.AddTeacher(budi, "budi")
	g.Expect(teacherOf(ahead)).To(BeNil(), "nothing says so")
	l.Deliver(t, "user.access_changed", "3", map[string]any{"userId": budi, "role": "teacher"})
	g.Expect(teacherOf(ahead)).To(HaveValue(Equal(budi)))

	l.Courses.Name(ahead.CourseID, nil)
	changed("4")
	g.Expect(teacherOf(ahead)).To(BeNil())
}

func TestRegister_Teachers_CourseServiceAway(t *testing.T) {
	l := newListener(t)
	g := NewWithT(t)
	b := l.confirmed(t)
	l.Network.Break(bookingtest.CourseID, bookingtest.Down)
	g.Expect(l.Bookings.BindTeachers(t.Context())).NotTo(Succeed(), "the job tries again")

	l.Network.Break(bookingtest.CourseID, nil)

	sari := uuid.New()
	l.Users.AddTeacher(sari, "sari")
	l.Courses.Name(b.CourseID, new("sari@example.com"))
	g.Expect(l.Bookings.BindTeachers(t.Context())).To(Succeed())
	g.Expect(l.Store.Find(t.Context(), b.ID)).To(HaveField("TeacherID", HaveValue(Equal(sari))))
}

// TestRegister_Erased forgets a student with open, decided and held bookings.
func TestRegister_Erased(t *testing.T) {
	l := newListener(t)
	g := NewWithT(t)
	waiting, ahead, past, other := l.pending(t), l.confirmed(t), l.confirmed(t), l.pending(t)
	person := waiting.UserID
	l.Exec(t, `UPDATE booking.bookings SET user_id = $1, decision_note = 'about them', attendance_note = 'late' WHERE id <> $2`, person, other.ID)
	l.Exec(t, `UPDATE booking.bookings SET lesson_starts_at = now() - interval '1 hour' WHERE id = $1`, past.ID)
	l.Exec(t, `INSERT INTO booking.dead_letters (id, topic, event) VALUES ('1', 'x', jsonb_build_object('userId', $1::text))`, person.String())

	for _, id := range []string{"1", "1", "2"} {
		answer := l.Deliver(t, "user.erased", id, map[string]any{"userId": person})
		g.Expect(answer.Status).To(Equal(200), string(answer.Body))
	}

	for _, b := range []booking.Booking{waiting, ahead} {
		found, err := l.Store.Find(t.Context(), b.ID)
		g.Expect(err).NotTo(HaveOccurred())
		g.Expect(found).To(And(HaveField("Status", booking.Cancelled), HaveField("StatusReason", HaveValue(Equal(booking.ByStudent)))))
		g.Expect(l.Bookings.Finish(t.Context(), b.ID)).To(Succeed())
	}

	g.Expect(l.Topics(t, waiting.ID)).To(Equal([]string{"booking.created", "booking.cancelled"}), "once, however often it is said")
	g.Expect(l.Store.Find(t.Context(), past.ID)).To(HaveField("Status", booking.Confirmed))
	g.Expect(l.Store.Find(t.Context(), other.ID)).To(And(
		HaveField("Status", booking.Pending), HaveField("Note", HaveValue(Equal("left-handed")))))

	var texts, letters, keys int
	g.Expect(l.Pool.QueryRow(t.Context(), `
		SELECT (SELECT count(*) FROM booking.bookings WHERE user_id = $1 AND coalesce(note, decision_note, attendance_note) IS NOT NULL),
			(SELECT count(*) FROM booking.dead_letters), (SELECT count(*) FROM booking.idempotency_keys WHERE user_id = $1)`,
		person).Scan(&texts, &letters, &keys)).To(Succeed())
	g.Expect([]int{texts, letters, keys}).To(Equal([]int{0, 0, 0}))

	course, slots := l.Courses.Add(2)
	late := bookingtest.Wish(course, slots[0], slots[1])
	late.UserID = person
	_, err := l.Bookings.Create(t.Context(), late)
	g.Expect(err).To(HaveOccurred(), "a late request doesn't bring them back")

	g.Expect(l.Bookings.ReportErased(t.Context(), person)).To(Succeed())
	g.Expect(l.Users.Erased()).To(Equal([]uuid.UUID{person}))
	l.CheckInvariants(t)
}

// TestRegister_Erased_Teacher takes the lessons ahead from a teacher who leaves; those that they gave stay theirs.
func TestRegister_Erased_Teacher(t *testing.T) {
	l := newListener(t)
	g := NewWithT(t)
	ahead, past := l.confirmed(t), l.confirmed(t)
	teacher := uuid.New()
	l.Exec(t, `UPDATE booking.bookings SET teacher_id = $1`, teacher)
	l.Exec(t, `UPDATE booking.bookings SET lesson_starts_at = now() - interval '1 hour' WHERE id = $1`, past.ID)

	l.Deliver(t, "user.erased", "1", map[string]any{"userId": teacher})
	g.Expect(l.Store.Find(t.Context(), ahead.ID)).To(HaveField("TeacherID", BeNil()))
	g.Expect(l.Store.Find(t.Context(), past.ID)).To(HaveField("TeacherID", HaveValue(Equal(teacher))))
}

// at moves the lesson or deadline of a booking.
func (l *listener) at(t *testing.T, b booking.Booking, column string, in time.Duration) {
	t.Helper()
	l.Exec(t, `UPDATE booking.bookings SET `+column+` = now() + make_interval(secs => $2) WHERE id = $1`, b.ID, in.Seconds())
}

func TestService_Sweep_QueuesNoticesOnce(t *testing.T) {
	l := newListener(t)
	g := NewWithT(t)
	soon, later, gone := l.confirmed(t), l.confirmed(t), l.confirmed(t)
	urgent, patient := l.pending(t), l.pending(t)
	l.at(t, soon, "lesson_starts_at", 24*time.Hour-time.Minute)
	l.at(t, later, "lesson_starts_at", 24*time.Hour+time.Minute)
	l.at(t, gone, "lesson_starts_at", -time.Minute)
	l.at(t, urgent, "expires_at", time.Minute)
	l.at(t, patient, "expires_at", 24*time.Hour+time.Minute)

	for range 2 {
		g.Expect(l.Bookings.Sweep(t.Context())).To(Succeed())
	}

	queued := map[string]string{}

	rows, err := l.Pool.Query(t.Context(), `
		SELECT args->>'booking_id', string_agg(args->>'notice', ', ') FROM booking.river_job WHERE kind = 'give_notice' GROUP BY 1`)
	g.Expect(err).NotTo(HaveOccurred())

	for rows.Next() {
		var id, notice string
		g.Expect(rows.Scan(&id, &notice)).To(Succeed())

		queued[id] = notice
	}

	g.Expect(rows.Err()).NotTo(HaveOccurred())
	g.Expect(queued).To(Equal(map[string]string{
		soon.ID.String(): "lesson_reminder", urgent.ID.String(): "booking_expiring",
	}))
}

func TestService_GiveNotice(t *testing.T) {
	l := newListener(t)
	g := NewWithT(t)
	lesson, waiting, ended := l.confirmed(t), l.pending(t), l.pending(t)
	teacher := uuid.New()
	l.Exec(t, `UPDATE booking.bookings SET teacher_id = $2 WHERE id = $1`, lesson.ID, teacher)

	_, err := l.Bookings.Cancel(t.Context(), ended.ID, ended.UserID)
	g.Expect(err).NotTo(HaveOccurred())

	for range 2 {
		g.Expect(l.Bookings.GiveNotice(t.Context(), booking.Occasion{Kind: booking.LessonReminder, BookingID: lesson.ID})).To(Succeed())
		g.Expect(l.Bookings.GiveNotice(t.Context(), booking.Occasion{Kind: booking.DeadlineWarning, BookingID: waiting.ID})).To(Succeed())
		g.Expect(l.Bookings.GiveNotice(t.Context(), booking.Occasion{Kind: booking.DeadlineWarning, BookingID: ended.ID})).
			To(Succeed(), "no admin is told of what has ended")
	}

	notices := l.Users.Notices()
	g.Expect(notices).To(HaveLen(2))

	reminder, warning := notices["lesson_reminder:"+lesson.ID.String()], notices["booking_expiring:"+waiting.ID.String()]
	g.Expect(reminder.UserIds).To(HaveValue(ConsistOf(lesson.UserID, teacher)))
	g.Expect(reminder.StateVersion).To(HaveValue(BeEquivalentTo(2)))
	g.Expect(string(*reminder.Data)).To(And(ContainSubstring(`"confirmed_slot"`), ContainSubstring(`"title":"Piano"`)))
	g.Expect(warning).To(And(HaveField("To", BeEquivalentTo("admins")), HaveField("UserIds", BeNil())))
	g.Expect(string(*warning.Data)).To(And(ContainSubstring(`"first_choice"`), ContainSubstring(`"expires_at"`)))
}

// TestService_Repair tells the other services again what their events should have told.
func TestService_Repair(t *testing.T) {
	l := newListener(t)
	g := NewWithT(t)
	waiting := l.pending(t)
	l.Network.Break(bookingtest.CourseID, bookingtest.On("settle", bookingtest.Down))
	lesson := l.confirmed(t)

	g.Expect(l.Bookings.Repair(t.Context())).NotTo(Succeed(), "the next hour tries again")
	l.Network.Break(bookingtest.CourseID, nil)
	g.Expect(l.Bookings.Repair(t.Context())).To(Succeed())

	l.CheckInvariants(t)
	g.Expect(l.Users.Activated()).To(ContainElement(lesson.UserID))
	g.Expect(l.Users.Activated()).NotTo(ContainElement(waiting.UserID))
}
