package rest_test

import (
	"net/http"
	"testing"
	"time"

	. "github.com/onsi/gomega"

	bookinghttp "github.com/shema-music/shema/services/contracts/booking/http"
	"github.com/shema-music/shema/services/kit/auth"
	"github.com/shema-music/shema/services/kit/servertest"
)

// given makes a confirmed lesson of the student that the teacher gives.
func (s *service) given(t *testing.T, student, teacher *auth.Principal) bookinghttp.Booking {
	t.Helper()
	b := s.booked(t, student)
	s.Exec(t, `INSERT INTO booking.course_teachers (course_id, teacher_id) VALUES ($1, $2)
		ON CONFLICT (course_id) DO UPDATE SET teacher_id = EXCLUDED.teacher_id`, b.CourseId, teacher.UserID)

	answer := s.post(t, person(auth.Admin), "/api/bookings/"+b.Id.String()+"/confirm", map[string]any{"slot_id": b.FirstChoiceSlotId})
	NewWithT(t).Expect(answer.Status).To(Equal(http.StatusOK), string(answer.Body))
	answer.Read(t, &b)

	return b
}

func TestHandlers_Lessons(t *testing.T) {
	s := newService(t)
	g := NewWithT(t)
	student, other, teacher, admin := person(auth.Student), person(auth.Student), person(auth.Teacher), person(auth.Admin)
	s.Users.Add(student.UserID, "Ani")
	s.Users.AddTeacher(teacher.UserID, "Sari")

	mine, foreign := s.given(t, student, teacher), s.given(t, other, person(auth.Teacher))
	s.booked(t, student)

	before := len(s.Network.Calls(""))

	var list bookinghttp.LessonList
	s.get(t, student, "/api/lessons").Read(t, &list)
	g.Expect(list.Items).To(HaveLen(1))
	g.Expect(s.Network.Calls("")).To(HaveLen(before+1), "one call names students and teachers")

	lesson := list.Items[0]
	g.Expect(lesson).To(And(HaveField("BookingId", mine.Id), HaveField("Slot", *mine.ConfirmedSlot), HaveField("Course", mine.Course),
		HaveField("Student.FullName", "Ani"), HaveField("Student.Email", BeNil()), HaveField("Teacher.FullName", "Sari"),
		HaveField("Attended", BeNil())))
	g.Expect(lesson.Student.Phone.IsSpecified()).To(BeFalse())

	s.get(t, teacher, "/api/lessons").Read(t, &list)
	g.Expect(list.Items).To(ConsistOf(HaveField("BookingId", mine.Id)))
	s.get(t, admin, "/api/lessons").Read(t, &list)
	g.Expect(list.Items).To(ConsistOf(HaveField("BookingId", mine.Id), HaveField("BookingId", foreign.Id)))
	s.get(t, admin, "/api/lessons?user_id="+student.UserID.String()+"&teacher_id="+teacher.UserID.String()).Read(t, &list)
	g.Expect(list.Items).To(ConsistOf(HaveField("Student.Email", HaveValue(Equal("Ani@example.com")))))
	g.Expect(list.Items[0].Student.Phone.MustGet()).To(Equal("+62 812 3456"))

	for _, filter := range []string{"user_id", "teacher_id"} {
		answer := s.get(t, teacher, "/api/lessons?"+filter+"="+teacher.UserID.String())
		g.Expect(answer.Code()).To(Equal("AUTH_FORBIDDEN"), filter)
	}
}

func TestHandlers_SetAttendance(t *testing.T) {
	s := newService(t)
	g := NewWithT(t)
	student, teacher := person(auth.Student), person(auth.Teacher)
	b := s.given(t, student, teacher)
	put := func(as *auth.Principal, body any) servertest.Response {
		return s.Do(t, servertest.Request{
			Method: http.MethodPut,
			Path:   "/api/lessons/" + b.Id.String() + "/attendance",
			As:     as,
			Body:   body,
		})
	}
	there := map[string]any{"attended": true, "note": "Both hands together now."}

	g.Expect(put(student, there).Code()).To(Equal("AUTH_FORBIDDEN"))
	g.Expect(put(person(auth.Teacher), there).Code()).To(Equal("BOOKING_NOT_FOUND"))
	g.Expect(put(teacher, there).Code()).To(Equal("BOOKING_LESSON_NOT_BEGUN"))

	s.Exec(t, `UPDATE booking.bookings SET lesson = jsonb_set(lesson, ARRAY['slots', confirmed_slot_id::text, 'startsAt'], to_jsonb($2::text)),
		lesson_starts_at = $2::timestamptz WHERE id = $1`, b.Id, time.Now().Add(-time.Minute).UTC().Format(time.RFC3339))

	for _, as := range []*auth.Principal{teacher, person(auth.Admin)} {
		answer := put(as, there)
		g.Expect(answer.Status).To(Equal(http.StatusOK), string(answer.Body))

		var lesson bookinghttp.Lesson
		answer.Read(t, &lesson)
		g.Expect(lesson).To(And(HaveField("Attended", HaveValue(BeTrue())),
			HaveField("AttendanceNote", HaveValue(Equal("Both hands together now.")))))
	}

	var list bookinghttp.LessonList
	s.get(t, student, "/api/lessons?from=2020-01-01T00:00:00Z").Read(t, &list)
	g.Expect(list.Items).To(ConsistOf(HaveField("AttendanceNote", HaveValue(Equal("Both hands together now.")))))
}

func TestHandlers_Reschedule(t *testing.T) {
	s := newService(t)
	g := NewWithT(t)
	student := person(auth.Student)
	old := s.given(t, student, person(auth.Teacher))
	free := s.Courses.Extend(old.CourseId, 2)
	wish := map[string]any{"first_choice_slot_id": free[0], "second_choice_slot_id": free[1], "note": "Mondays are hard."}
	answer := s.post(t, student, "/api/bookings/"+old.Id.String()+"/reschedule", wish)
	g.Expect(answer.Status).To(Equal(http.StatusCreated), string(answer.Body))

	var b bookinghttp.Booking
	answer.Read(t, &b)
	g.Expect(b).To(And(HaveField("Replaces", HaveValue(Equal(old.Id))), HaveField("Status", bookinghttp.Pending)))
	g.Expect(s.post(t, student, "/api/bookings/"+old.Id.String()+"/reschedule", wish).Code()).To(Equal("BOOKING_ALREADY_PENDING"))
	g.Expect(s.post(t, person(auth.Student), "/api/bookings/"+old.Id.String()+"/reschedule", wish).Code()).To(Equal("BOOKING_NOT_FOUND"))

	s.post(t, person(auth.Admin), "/api/bookings/"+b.Id.String()+"/confirm", map[string]any{"slot_id": free[1]})
	s.get(t, student, "/api/bookings/"+old.Id.String()).Read(t, &old)
	g.Expect(*old.StatusReason).To(Equal(bookinghttp.Rescheduled))

	s.CheckInvariants(t)
}

func TestHandlers_ReportBookings(t *testing.T) {
	s := newService(t)
	g := NewWithT(t)
	s.given(t, person(auth.Student), person(auth.Teacher))
	s.booked(t, person(auth.Student))

	answer := s.get(t, person(auth.Admin), "/api/admin/reports/bookings?by=course")
	g.Expect(answer.Body).To(MatchJSON(`{"items": [{"key": "piano", "created": 2, "confirmed": 1, "rejected": 0, "expired": 0,
		"cancelled": 0, "median_hours_to_decision": 0}]}`))
	g.Expect(s.get(t, person(auth.Teacher), "/api/admin/reports/bookings").Code()).To(Equal("AUTH_FORBIDDEN"))
	g.Expect(s.get(t, person(auth.Admin), "/api/admin/reports/bookings?by=year").BadFields()).To(ConsistOf("by"))
	g.Expect(s.get(t, person(auth.Admin), "/api/admin/reports/bookings?from=2027-01-02T00:00:00Z&to=2027-01-01T00:00:00Z").BadFields()).
		To(ConsistOf("to"))
}
