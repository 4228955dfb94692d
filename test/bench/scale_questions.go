package main

import (
	"net/url"
	"time"
)

// questions are all that people ask of lists, searches and reports.
func (s *school) questions() []question {
	all := s.adminQuestions()
	all = append(all, s.bookingQuestions()...)
	all = append(all, s.catalogueQuestions()...)

	return append(all, s.personalQuestions()...)
}

const (
	scaleDay     = 24 * time.Hour
	scaleQuarter = 90 * scaleDay
	scaleYear    = 365 * scaleDay
)

// ago is a moment as a query has it; negative durations are ahead.
func ago(d time.Duration) string {
	return url.QueryEscape(time.Now().Add(-d).UTC().Format(time.RFC3339))
}

func (s *school) adminQuestions() []question {
	q := func(name, path, like string) question {
		return question{name: name, by: s.admin, path: path, like: like}
	}

	return []question{
		q("dashboard", "/api/admin/dashboard", ""),
		q("people", "/api/users?limit=20", ""),
		{name: "people, next page", by: s.admin, path: "/api/users?limit=20", like: "people", next: true},
		q("people, teachers", "/api/users?role=teacher", "people"),
		q("people, pending", "/api/users?status=pending", "people"),
		q("people, search of a frequent name", "/api/users?q=siti", "people"),
		q("people, search of one name", "/api/users?q=Rahmawati+70000", "people"),
		q("people, search of an address", "/api/users?q=siswa-4711@", "people"),
		q("people, search without a hit", "/api/users?q=zzyzx", ""),
		q("people, search of two letters", "/api/users?q=zq", ""),
		q("number of students", "/api/users/stats", ""),
		q("audit log", "/api/admin/audit?limit=20", ""),
		{name: "audit log, next page", by: s.admin, path: "/api/admin/audit?limit=20", like: "audit log", next: true},
		q("audit log of a person", "/api/admin/audit?user_id="+s.student.Session.User.ID, ""),
		q("audit log of an event, half a year ago", "/api/admin/audit?event=password_changed&to="+ago(180*scaleDay), "audit log"),
		q("audit log of a rare event", "/api/admin/audit?event=login_locked", ""),
		q("conversations", "/api/chat/sessions?limit=20", ""),
		{name: "conversations, next page", by: s.admin, path: "/api/chat/sessions?limit=20", like: "conversations", next: true},
		q("conversations, closed", "/api/chat/sessions?status=closed", "conversations"),
		q("conversations, unanswered", "/api/chat/sessions?unanswered=true", ""),
		q("conversations, open", "/api/chat/active-sessions", ""),
		q("chat statistics", "/api/chat/stats", ""),
		q("an admin's notifications", "/api/users/me/notifications", ""),
		q("an admin's unread notifications", "/api/users/me/notifications?unread=true", ""),
		q("report of bookings, a quarter", "/api/admin/reports/bookings?by=day", ""),
		q("report of bookings, a year by course", "/api/admin/reports/bookings?by=course&from="+ago(scaleYear), ""),
		q("report of slots, a quarter", "/api/admin/reports/occupancy?by=teacher&to="+ago(0), ""),
		q("report of slots, a year by hour", "/api/admin/reports/occupancy?by=weekday_hour&from="+ago(scaleYear)+"&to="+ago(0), ""),
	}
}

func (s *school) bookingQuestions() []question {
	q := func(name, path, like string) question {
		return question{name: name, by: s.admin, path: path, like: like}
	}

	return []question{
		q("bookings", "/api/bookings?limit=20", ""),
		{name: "bookings, next page", by: s.admin, path: "/api/bookings?limit=20", like: "bookings", next: true},
		{
			name: "bookings, 500 days ago, next page", by: s.admin, path: "/api/bookings?limit=20&to=" + ago(500*scaleDay),
			like: "bookings", next: true,
		},
		q("bookings, confirmed", "/api/bookings?status=confirmed", ""),
		q("bookings, rejected", "/api/bookings?status=rejected", "bookings"),
		q("bookings, pending, by status", "/api/bookings?status=pending", ""),
		q("bookings, pending, 500 days ago", "/api/bookings?status=pending&to="+ago(500*scaleDay), ""),
		q("bookings of a person", "/api/bookings?user_id="+s.student.Session.User.ID, ""),
		q("bookings, cancelled of a person", "/api/bookings?status=cancelled&user_id="+s.student.Session.User.ID, "bookings of a person"),
		q("bookings that wait", "/api/bookings/pending", ""),
		q("number of bookings that wait", "/api/bookings/stats", ""),
		q("all lessons", "/api/lessons?limit=20", ""),
		{name: "all lessons, next page", by: s.admin, path: "/api/lessons?limit=20", like: "all lessons", next: true},
		q("lessons, a year ago", "/api/lessons?from="+ago(scaleYear), "all lessons"),
		q("lessons of a person", "/api/lessons?user_id="+s.student.Session.User.ID, ""),
	}
}

func (s *school) catalogueQuestions() []question {
	q := func(name, path, like string) question {
		return question{name: name, by: s.admin, path: path, like: like}
	}

	return []question{
		q("courses", "/api/courses?limit=20", ""),
		{name: "courses, next page", by: s.admin, path: "/api/courses?limit=20", like: "courses", next: true},
		q("courses, of an instrument", "/api/courses?instrument=piano", "courses"),
		q("courses, search", "/api/courses?q=kursus+29", "courses"),
		q("courses, number", "/api/courses/stats", ""),
		q("free slots", "/api/schedules/available?limit=20", ""),
		{name: "free slots, next page", by: s.admin, path: "/api/schedules/available?limit=20", like: "free slots", next: true},
		q("free slots, in 60 days", "/api/schedules/available?limit=20&from="+ago(-60*scaleDay), "free slots"),
		q("free slots of a course", "/api/schedules/available?limit=20&course_id="+s.course, ""),
		q("slots", "/api/schedules?limit=20", ""),
		q("slots, booked, ahead", "/api/schedules?status=booked&from="+ago(0), ""),
		q("slots, reserved", "/api/schedules?status=reserved", ""),
		q("slots of a course", "/api/schedules?limit=20&course_id="+s.course, ""),
	}
}

func (s *school) personalQuestions() []question {
	q := func(name, path string) question { return question{name: name, by: s.student, path: path} }

	return []question{
		q("one's bookings", "/api/bookings"),
		q("one's lessons", "/api/lessons"),
		q("one's calendar", s.calendar),
		q("one's notifications", "/api/users/me/notifications"),
		q("one's conversations", "/api/chat/sessions"),
		q("one's recommendations", "/api/recommendations"),
		q("one's sessions", "/api/auth/sessions"),
		{name: "a teacher's lessons", by: s.teacher, path: "/api/lessons", like: "one's lessons"},
	}
}
