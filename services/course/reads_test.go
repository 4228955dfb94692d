package main

import (
	"net/http"
	"net/url"
	"testing"
	"time"

	"github.com/google/uuid"
	. "github.com/onsi/gomega"

	"github.com/shema-music/shema/services/kit/auth"
)

func TestHandlers_GetCourse_Shape(t *testing.T) {
	t.Parallel()
	g := NewWithT(t)
	s := newService(t)

	id := s.Course("piano-beginner", "Piano for beginners")
	for _, ref := range []string{id.String(), "piano-beginner"} {
		a := s.get("/api/courses/" + ref)
		g.Expect(a.status).To(Equal(http.StatusOK))
		g.Expect(a.body).To(HaveKeyWithValue("created_at", MatchRegexp(`^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$`)))

		delete(a.body, "created_at")
		delete(a.body, "updated_at")
		g.Expect(a.body).To(Equal(map[string]any{
			"id": id.String(), "name": "piano-beginner", "title": "Piano for beginners", "description": "First steps",
			"instrument": "piano", "level": "beginner", "price_category": "low", "price": "350000", "currency": "IDR",
			"teacher": "Ibu Sari", "available_days": []any{"monday", "wednesday"},
			"image_url": nil, "packages": []any{}, "next_slot_at": nil,
		}))
	}

	s.Exec(s.Operator, `UPDATE course.courses SET price = NULL, currency = NULL, teacher = NULL, available_days = '{}',
		image_url = 'https://shema.music/piano.jpg', teacher_email = 'sari@shema.music',
		packages = '[{"name": "bulanan", "title": "Four lessons", "lessons": 4, "price": "1200000", "currency": "IDR"}]'`)
	s.Slot(id, time.Hour)
	a := s.get("/api/courses/piano-beginner")
	g.Expect(a.body).To(HaveKeyWithValue("image_url", "https://shema.music/piano.jpg"))
	g.Expect(a.body).To(HaveKeyWithValue("packages", []any{map[string]any{
		"name": "bulanan", "title": "Four lessons", "lessons": 4.0, "price": "1200000", "currency": "IDR",
	}}))
	g.Expect(a.body["next_slot_at"]).To(MatchRegexp(`Z$`))
	g.Expect(a.body).NotTo(HaveKey("teacher_email"))
	g.Expect(a.body).To(HaveKeyWithValue("price", BeNil()))
	g.Expect(a.body).To(HaveKeyWithValue("teacher", BeNil()))
	g.Expect(a.body).To(HaveKeyWithValue("available_days", BeEmpty()))
}

func TestHandlers_ListCourses_Pages(t *testing.T) {
	t.Parallel()
	g := NewWithT(t)

	s := newService(t)
	for _, name := range []string{"c", "a", "b"} {
		s.Course(name, "Course "+name)
	}

	first := s.get("/api/courses?limit=2")
	g.Expect(first.items("name")).To(Equal([]any{"a", "b"}))

	second := s.get("/api/courses?limit=2&cursor=" + url.QueryEscape(first.body["next_cursor"].(string)))
	g.Expect(second.items("name")).To(Equal([]any{"c"}))
	g.Expect(second.body).To(HaveKeyWithValue("next_cursor", BeNil()))
	g.Expect(s.get("/api/courses?q=course%20B&cursor=").items("name")).To(Equal([]any{"b"}))

	none := s.get("/api/courses?instrument=drums")
	g.Expect(none.body).To(Equal(map[string]any{"items": []any{}, "next_cursor": nil}))
}

func TestHandlers_ListSlots_Shape(t *testing.T) {
	t.Parallel()
	g := NewWithT(t)
	s := newService(t)
	piano := s.Course("piano", "Piano")
	slots := s.Slots(piano, 3)
	past := s.Slot(piano, -time.Hour)
	a := s.get("/api/schedules/available?limit=2&course_id=" + piano.String())
	g.Expect(a.items("id")).To(Equal([]any{slots[0].String(), slots[1].String()}))

	item := a.body["items"].([]any)[0].(map[string]any)
	g.Expect(item).To(HaveLen(6))
	g.Expect(item).To(HaveKeyWithValue("status", "available"))
	g.Expect(item).To(HaveKeyWithValue("time_zone", "Asia/Jakarta"))
	g.Expect(item).To(HaveKeyWithValue("starts_at", HaveSuffix("Z")))

	rest := s.get("/api/schedules/available?cursor=" + a.body["next_cursor"].(string))
	g.Expect(rest.items("id")).To(Equal([]any{slots[2].String()}))

	all := s.do(call{
		method: http.MethodGet,
		path:   "/api/schedules?course_id=" + piano.String(),
		role:   auth.Teacher,
	})
	g.Expect(all.items("id")).To(Equal([]any{past.String(), slots[0].String(), slots[1].String(), slots[2].String()}))

	from := url.QueryEscape(item["starts_at"].(string))
	some := s.do(call{
		method: http.MethodGet,
		path:   "/api/schedules?status=available&limit=1&from=" + from,
		role:   auth.Admin,
	})
	g.Expect(some.items("id")).To(Equal([]any{slots[0].String()}))
}

func TestHandlers_Reads_Roles(t *testing.T) {
	t.Parallel()
	s := newService(t)

	cases := []struct {
		path   string
		role   auth.Role
		status int
	}{
		{"/api/courses", "", http.StatusOK},
		{"/api/schedules/available", "", http.StatusOK},
		{"/api/courses/stats", "", http.StatusUnauthorized},
		{"/api/courses/stats", auth.Student, http.StatusForbidden},
		{"/api/courses/stats", auth.Teacher, http.StatusForbidden},
		{"/api/courses/stats", auth.Admin, http.StatusOK},
		{"/api/schedules", "", http.StatusUnauthorized},
		{"/api/schedules", auth.Student, http.StatusForbidden},
		{"/api/schedules", auth.Teacher, http.StatusOK},
		{"/api/schedules", auth.Admin, http.StatusOK},
	}
	for _, c := range cases {
		g := NewWithT(t)
		g.Expect(s.do(call{
			method: http.MethodGet,
			path:   c.path,
			role:   c.role,
		}).status).To(Equal(c.status), "%s as %q", c.path, c.role)
	}
}

func TestHandlers_Reads_InvalidQuestions(t *testing.T) {
	t.Parallel()
	s := newService(t)
	hidden := s.Course("hidden", "Hidden")
	s.Exec(s.Operator, "UPDATE course.courses SET published = false")

	nulInCursor := "eyJ0IjoiXHUwMDAwIiwiaSI6IjAwMDAwMDAwLTAwMDAtMDAwMC0wMDAwLTAwMDAwMDAwMDAwMCJ9"

	cases := []struct {
		path, code string
		status     int
		fields     []string
	}{
		{"/api/courses/unknown", "COURSE_NOT_FOUND", 404, nil},
		{"/api/courses/hidden", "COURSE_NOT_FOUND", 404, nil},
		{"/api/courses/" + hidden.String(), "COURSE_NOT_FOUND", 404, nil},
		{"/api/courses/%FF", "COURSE_NOT_FOUND", 404, nil},
		{"/api/schedules/available?course_id=" + hidden.String(), "COURSE_NOT_FOUND", 404, nil},
		{"/api/schedules/available?course_id=" + uuid.NewString(), "COURSE_NOT_FOUND", 404, nil},
		{"/api/schedules/available?course_id=x&limit=0&cursor=!", "VALIDATION_FAILED", 400, []string{"course_id", "limit"}},
		{"/api/courses?limit=101&level=expert&price_category=free", "VALIDATION_FAILED", 400, []string{"limit", "level", "price_category"}},
		{"/api/courses?limit=many", "VALIDATION_FAILED", 400, []string{"limit"}},
		{"/api/courses?cursor=nonsense", "VALIDATION_FAILED", 400, []string{"cursor"}},
		{"/api/courses?cursor=" + nulInCursor, "VALIDATION_FAILED", 400, []string{"cursor"}},
		{"/api/courses?q=%00", "VALIDATION_FAILED", 400, []string{"q"}},
		{"/api/courses?q=%FF&instrument=%FF", "VALIDATION_FAILED", 400, []string{"instrument", "q"}},
		{"/api/nothing", "NOT_FOUND", 404, nil},
	}
	for _, c := range cases {
		t.Run(c.path, func(t *testing.T) {
			g := NewWithT(t)
			a := s.get(c.path)
			g.Expect(a.code()).To(Equal(c.code))
			g.Expect(a.status).To(Equal(c.status))

			var names []string

			details := a.body["details"].(map[string]any)

			fields, _ := details["fields"].([]any)
			for _, field := range fields {
				names = append(names, field.(map[string]any)["field"].(string))
			}

			g.Expect(names).To(ConsistOf(c.fields))
		})
	}
}
