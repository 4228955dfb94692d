package browser

import (
	"maps"
	"net/http"
	"strings"
	"time"
)

// office are the routes for admins.
func (s *school) office(route string) http.HandlerFunc {
	switch route {
	case "GET /api/admin/dashboard":
		return same(s.dashboard())
	case "GET /api/bookings/pending":
		return same(list(s.pending()))
	case "GET /api/users":
		return same(list(s.people))
	case "POST /api/users":
		return func(w http.ResponseWriter, r *http.Request) {
			wanted := body(r)
			person := personOf(wanted["role"].(string), wanted["full_name"].(string), wanted["email"].(string))
			s.people = append(s.people, person)
			say(w, http.StatusCreated, person)
		}
	case "GET /api/chat/stats":
		return same(object{"count": 1, "unanswered": 1})
	case "GET /api/chat/sessions":
		return same(list(s.talks()))
	case "GET /api/admin/audit":
		return same(list(s.audit()))
	case "GET /api/admin/reports/bookings":
		return same(object{"items": s.report()})
	case "GET /api/admin/reports/occupancy":
		return same(object{"items": s.occupancy()})
	}

	if strings.HasPrefix(route, "GET /api/chat/sessions/") {
		return same(list(s.messages))
	}

	if strings.HasPrefix(route, "POST /api/chat/sessions/") {
		return status(http.StatusNoContent)
	}

	return s.records(route)
}

// records are the routes that show or change one person.
func (s *school) records(route string) http.HandlerFunc {
	for _, person := range s.people {
		if !strings.HasSuffix(route, "/api/users/"+person["id"].(string)) {
			continue
		}

		return func(w http.ResponseWriter, r *http.Request) {
			if r.Method == http.MethodPatch {
				maps.Copy(person, body(r))
			}

			say(w, http.StatusOK, person)
		}
	}

	return nil
}

func (s *school) pending() (found []object) {
	for _, booking := range s.bookings {
		if booking["status"] == "pending" {
			found = append(found, booking)
		}
	}

	return found
}

func (s *school) dashboard() object {
	return object{
		"pendingBookings": s.pending(),
		"activeSessions":  []object{},
		"stats": object{
			"total_students":    len(s.people) - 2,
			"pending_bookings":  len(s.pending()),
			"active_chats":      1,
			"unanswered_chats":  1,
			"courses_available": len(s.courses),
		},
		"degraded": []string{},
	}
}

func (s *school) talks() []object {
	return []object{{
		"id": talkID, "user": s.people[0], "status": "active", "started_at": s.at(-2 * time.Hour), "last_activity_at": s.at(-time.Minute),
		"closed_at": nil, "message_count": len(s.messages), "unread": 1, "unanswered": true,
	}}
}

func (s *school) audit() []object {
	entry := func(ago time.Duration, event string, actor, user object) object {
		return object{
			"id": id(), "at": s.at(-ago), "event": event, "actor_id": actor["id"], "actor_name": actor["full_name"],
			"user_id": user["id"], "user_name": user["full_name"], "ip": "203.0.113.7",
			"user_agent": "Mozilla/5.0 (Linux; Android 15) Chrome/150.0 Mobile", "request_id": id(), "details": object{},
		}
	}
	student, admin := s.people[0], s.people[2]

	return []object{
		entry(time.Hour, "booking_confirmed", admin, student),
		entry(2*time.Hour, "booking_created", student, student),
		entry(26*time.Hour, "login", student, student),
		entry(27*time.Hour, "registered", student, student),
	}
}

func (s *school) report() (rows []object) {
	for week, counts := range [][4]int{{4, 1, 0, 1}, {6, 0, 1, 1}, {5, 2, 0, 0}, {9, 1, 0, 2}, {7, 1, 1, 1}, {11, 2, 0, 1}} {
		rows = append(rows, object{
			"key": s.now.AddDate(0, 0, -7*(5-week)).Format("2006-01-02"), "created": counts[0] + counts[1] + counts[2] + counts[3],
			"confirmed": counts[0], "rejected": counts[1], "expired": counts[2], "cancelled": counts[3], "median_hours_to_decision": 5.5,
		})
	}

	return rows
}

func (s *school) occupancy() (rows []object) {
	for day, name := range []string{"monday", "tuesday", "wednesday", "thursday", "friday", "saturday"} {
		for hour := range 6 {
			rows = append(rows, object{
				"key": name + " " + []string{"14", "15", "16", "17", "18", "19"}[hour], "slots": 8, "reserved": (day + hour) % 2, "booked": (day*2 + hour*3) % 7,
			})
		}
	}

	return rows
}
