package rest_test

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"github.com/emersion/go-ical"
	. "github.com/onsi/gomega"

	bookinghttp "github.com/shema-music/shema/services/contracts/booking/http"
	userhttp "github.com/shema-music/shema/services/contracts/user/http"
	"github.com/shema-music/shema/services/kit/auth"
	"github.com/shema-music/shema/services/kit/servertest"
)

// calendar reads a calendar with a parser of another hand.
func (s *service) calendar(t *testing.T, secret string) []ical.Event {
	t.Helper()
	g := NewWithT(t)
	answer := s.get(t, nil, "/api/calendar/"+secret+".ics")
	g.Expect(answer.Status).To(Equal(http.StatusOK), string(answer.Body))
	g.Expect(answer.Header.Get("Content-Type")).To(Equal("text/calendar; charset=utf-8"))

	found, err := ical.NewDecoder(strings.NewReader(string(answer.Body))).Decode()
	g.Expect(err).NotTo(HaveOccurred())

	return found.Events()
}

func TestHandlers_GetCalendar(t *testing.T) {
	s := newService(t)
	g := NewWithT(t)
	student, teacher, admin := person(auth.Student), person(auth.Teacher), person(auth.Admin)
	s.Users.Add(student.UserID, "Ani")
	s.Users.Publish("hers", student.UserID, userhttp.Student)
	s.Users.Publish("given", teacher.UserID, userhttp.Teacher)
	s.Users.Publish("all", admin.UserID, userhttp.Admin)

	mine := s.given(t, student, teacher)
	s.given(t, person(auth.Student), person(auth.Teacher))
	s.booked(t, student)

	events := s.calendar(t, "hers")
	g.Expect(events).To(HaveLen(1))

	uid, sequence := events[0].Props.Get(ical.PropUID).Value, func(e ical.Event) int {
		n, err := e.Props.Get(ical.PropSequence).Int()
		g.Expect(err).NotTo(HaveOccurred())

		return n
	}
	g.Expect(uid).To(Equal(mine.Id.String() + "@shema.music"))
	g.Expect(sequence(events[0])).To(BeZero())
	g.Expect(events[0].Props.Text(ical.PropSummary)).To(Equal("Piano"))
	g.Expect(events[0].Props.Get(ical.PropDateTimeStart).Value).To(Equal("21000101T000000Z"))
	g.Expect(events[0].Status()).To(Equal(ical.EventConfirmed))

	g.Expect(s.calendar(t, "given")).To(HaveLen(1))
	g.Expect(s.calendar(t, "given")[0].Props.Text(ical.PropSummary)).To(Equal("Piano (Ani)"))
	g.Expect(s.calendar(t, "all")).To(HaveLen(2))

	s.post(t, admin, "/api/bookings/"+mine.Id.String()+"/revoke", map[string]any{"reason": "ill"})

	events = s.calendar(t, "hers")
	g.Expect(events[0].Props.Get(ical.PropUID).Value).To(Equal(uid))
	g.Expect(events[0].Status()).To(Equal(ical.EventCancelled))
	g.Expect(sequence(events[0])).To(Equal(1))

	for _, path := range []string{"/api/calendar/invented.ics", "/api/calendar/hers"} {
		answer := s.get(t, nil, path)
		g.Expect(answer.Status).To(Equal(http.StatusNotFound), path)
		g.Expect(answer.Code()).To(Equal("NOT_FOUND"))
	}
}

// TestHandlers_ExportPerson_Attendance exports what was noted about a student, too.
func TestHandlers_ExportPerson_Attendance(t *testing.T) {
	s := newService(t)
	student := person(auth.Student)
	lesson := s.given(t, student, person(auth.Teacher))
	s.Exec(t, `UPDATE booking.bookings SET attended = true, attendance_note = 'Came late.' WHERE id = $1`, lesson.Id)

	answer := s.get(t, student, "/internal/export")

	NewWithT(t).Expect(string(answer.Body)).To(And(ContainSubstring(`"attended":true`), ContainSubstring(`"attendance_note":"Came late."`)))
}

func TestHandlers_ExportPerson(t *testing.T) {
	s := newService(t)
	g := NewWithT(t)
	teacher := person(auth.Teacher)
	lesson := s.given(t, person(auth.Student), teacher)
	s.Exec(t, `INSERT INTO booking.bookings (id, user_id, course_id, first_choice_slot_id, second_choice_slot_id, status)
		SELECT gen_random_uuid(), $1, gen_random_uuid(), gen_random_uuid(), gen_random_uuid(), 'rejected' FROM generate_series(1, 250)`,
		teacher.UserID)

	sections := map[string]int{}
	cursor := ""

	for parts := 0; ; parts++ {
		answer := s.get(t, teacher, "/internal/export"+cursor)
		g.Expect(answer.Status).To(Equal(http.StatusOK), string(answer.Body))
		g.Expect(len(answer.Body)).To(BeNumerically("<", 1<<20))

		var page bookinghttp.ExportPage
		answer.Read(t, &page)

		for name, rows := range page.Sections {
			sections[name] += len(rows)
			if name == "lessons_given" {
				content, err := json.Marshal(rows)
				g.Expect(err).NotTo(HaveOccurred())
				g.Expect(string(content)).To(ContainSubstring(lesson.Id.String()))
			}
		}

		if page.NextCursor == nil {
			g.Expect(parts).To(Equal(2))
			break
		}

		cursor = "?cursor=" + *page.NextCursor
	}

	g.Expect(sections).To(Equal(map[string]int{"bookings": 250, "lessons_given": 1}))

	stranger := s.Do(t, servertest.Request{
		Method: http.MethodGet,
		Path:   "/internal/export",
		As:     teacher,
		Caller: "user-service",
	})
	g.Expect(stranger.Status).To(Equal(http.StatusForbidden))
}
