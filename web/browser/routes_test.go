package browser

import (
	"encoding/json"
	"maps"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"
)

func body(r *http.Request) object {
	read := object{}
	_ = json.NewDecoder(r.Body).Decode(&read)
	return read
}

func same(items any) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) { say(w, http.StatusOK, items) }
}

func status(code int) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) { say(w, code, object{}) }
}

// public are the routes that need no token.
func (s *school) public(route string) http.HandlerFunc {
	switch route {
	case "POST /api/auth/login":
		return s.login
	case "POST /api/auth/register":
		return s.register
	case "POST /api/auth/refresh":
		return s.refresh
	case "POST /api/auth/password/forgot":
		return status(http.StatusAccepted)
	case "POST /api/auth/password/reset", "POST /api/auth/email/verify":
		return status(http.StatusNoContent)
	case "GET /api/courses":
		return s.listCourses
	case "GET /api/schedules/available":
		return s.listFree
	}

	if name, found := strings.CutPrefix(route, "GET /api/courses/"); found {
		for _, course := range s.courses {
			if course["name"] == name {
				return same(course)
			}
		}

		return refusal(http.StatusNotFound, "COURSE_NOT_FOUND", "There is no such course.", nil)
	}

	return nil
}

func (s *school) login(w http.ResponseWriter, r *http.Request) {
	wanted := body(r)
	for _, person := range s.people {
		if person["email"] == wanted["email"] && wanted["password"] == "melati-senja-27" {
			s.session(w, person)
			return
		}
	}

	refusal(http.StatusUnauthorized, "AUTH_INVALID_CREDENTIALS", "E-mail or password is wrong.", nil)(w, r)
}

func (s *school) register(w http.ResponseWriter, r *http.Request) {
	wanted := body(r)

	var fields []object
	if email, _ := wanted["email"].(string); !strings.Contains(email, "@") {
		fields = append(fields, object{"field": "email", "message": "This is not an e-mail address."})
	}

	if name, _ := wanted["full_name"].(string); name == "" {
		fields = append(fields, object{"field": "full_name", "message": "Please give your name."})
	}

	if fields != nil {
		refusal(http.StatusBadRequest, "VALIDATION_FAILED", "Some fields are not valid.", object{"fields": fields})(w, r)
		return
	}

	person := personOf("student", wanted["full_name"].(string), wanted["email"].(string))
	s.people = append(s.people, person)
	s.session(w, person)
}

func (s *school) refresh(w http.ResponseWriter, r *http.Request) {
	cookie, err := r.Cookie("shema_refresh")
	if err != nil || s.person(cookie.Value) == nil {
		refusal(http.StatusUnauthorized, "AUTH_INVALID_REFRESH_TOKEN", "Please sign in again.", nil)(w, r)
		return
	}

	s.refreshes++
	s.session(w, s.person(cookie.Value))
}

func (s *school) listCourses(w http.ResponseWriter, r *http.Request) {
	query := r.URL.Query()
	found := slices.DeleteFunc(slices.Clone(s.courses), func(course object) bool {
		for _, name := range []string{"instrument", "level", "price_category"} {
			if wanted := query.Get(name); wanted != "" && course[name] != wanted {
				return true
			}
		}

		return !strings.Contains(strings.ToLower(course["title"].(string)), strings.ToLower(query.Get("q")))
	})
	say(w, http.StatusOK, list(found))
}

func (s *school) listFree(w http.ResponseWriter, r *http.Request) {
	course := r.URL.Query().Get("course_id")
	say(w, http.StatusOK, list(slices.DeleteFunc(slices.Clone(s.slots), func(slot object) bool {
		return slot["status"] != "available" || slot["course_id"] != course
	})))
}

// signedIn are the routes for who is signed in.
func (s *school) signedIn(route string, person object) http.HandlerFunc {
	switch route {
	case "GET /api/users/me":
		return same(person)
	case "PATCH /api/users/me":
		return func(w http.ResponseWriter, r *http.Request) {
			maps.Copy(person, body(r))

			say(w, http.StatusOK, person)
		}
	case "POST /api/auth/logout", "POST /api/auth/logout-all", "POST /api/users/me/notifications/read-all", "DELETE /api/users/me/calendar":
		return status(http.StatusNoContent)
	case "POST /api/auth/email/resend":
		return status(http.StatusAccepted)
	case "GET /api/auth/sessions":
		return same(list(s.sessions()))
	case "GET /api/users/me/notifications":
		return same(object{"items": s.notifications(), "next_cursor": nil, "unread_count": 1})
	case "POST /api/users/me/calendar":
		return func(w http.ResponseWriter, _ *http.Request) {
			say(w, http.StatusCreated, object{"url": s.URL + "/api/calendar/5b1c9e.ics"})
		}
	case "POST /api/chat/ticket":
		return func(w http.ResponseWriter, _ *http.Request) {
			say(w, http.StatusOK, object{"ticket": person["id"], "expires_in": 30})
		}
	case "GET /api/bookings":
		return s.listBookings(person)
	case "POST /api/bookings/create":
		return s.create(person)
	case "GET /api/lessons":
		return s.listLessons(person)
	case "GET /api/recommendations/latest", "POST /api/recommendations/generate":
		return same(s.recommendation())
	}

	if strings.HasPrefix(route, "POST /api/bookings/") {
		return s.decide(route)
	}

	if strings.HasPrefix(route, "PUT /api/lessons/") {
		return s.attend(route)
	}

	if person["role"] == "admin" {
		return s.office(route)
	}

	return nil
}

func (s *school) listBookings(person object) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		say(w, http.StatusOK, list(slices.DeleteFunc(slices.Clone(s.bookings), func(booking object) bool {
			status := r.URL.Query().Get("status")
			own := person["role"] == "admin" || booking["user_id"] == person["id"]

			if of := r.URL.Query().Get("user_id"); of != "" {
				own = booking["user_id"] == of
			}

			return !own || (status != "" && booking["status"] != status)
		})))
	}
}

func (s *school) create(person object) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		wanted := body(r)

		first, second := s.slot(wanted["first_choice_slot_id"]), s.slot(wanted["second_choice_slot_id"])
		if first["status"] != "available" || second["status"] != "available" {
			refusal(http.StatusConflict, "BOOKING_INVALID_SLOTS", "One of the slots is no longer available.", nil)(w, r)
			return
		}

		first["status"], second["status"] = "reserved", "reserved"
		booking := s.booking(person, wanted["course_id"], first, second)
		s.bookings = append([]object{booking}, s.bookings...)
		say(w, http.StatusCreated, booking)
	}
}

func (s *school) decide(route string) http.HandlerFunc {
	parts := strings.Split(route, "/")
	id, verb := parts[3], parts[4]

	return func(w http.ResponseWriter, r *http.Request) {
		for _, booking := range s.bookings {
			if booking["id"] != id {
				continue
			}

			switch verb {
			case "confirm":
				booking["status"], booking["confirmed_slot"] = "confirmed", s.slot(body(r)["slot_id"])
			case "reject":
				booking["status"], booking["status_reason"] = "rejected", "admin"
			case "cancel":
				booking["status"], booking["status_reason"] = "cancelled", "student"
			case "revoke":
				booking["status"], booking["status_reason"] = "cancelled", "admin"
			}

			say(w, http.StatusOK, booking)

			return
		}

		refusal(http.StatusNotFound, "BOOKING_NOT_FOUND", "There is no such booking.", nil)(w, r)
	}
}

func (s *school) listLessons(person object) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		from, _ := time.Parse(time.RFC3339, r.URL.Query().Get("from"))
		if from.IsZero() {
			from = s.now
		}

		to, err := time.Parse(time.RFC3339, r.URL.Query().Get("to"))
		if err != nil {
			to = s.now.AddDate(1, 0, 0)
		}

		say(w, http.StatusOK, list(slices.DeleteFunc(slices.Clone(s.lessons), func(lesson object) bool {
			at, _ := time.Parse(time.RFC3339, lesson["slot"].(object)["starts_at"].(string))
			mine := person["role"] != "student" || lesson["student"].(object)["id"] == person["id"]
			return !mine || at.Before(from) || at.After(to)
		})))
	}
}

func (s *school) attend(route string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		said := body(r)
		for _, lesson := range s.lessons {
			if strings.Contains(route, lesson["booking_id"].(string)) {
				lesson["attended"], lesson["attendance_note"] = said["attended"], said["note"]
				say(w, http.StatusOK, lesson)
				return
			}
		}
	}
}

func (s *school) slot(id any) object {
	for _, slot := range s.slots {
		if slot["id"] == id {
			return slot
		}
	}

	return object{}
}

func id() string { return uuid.NewString() }
