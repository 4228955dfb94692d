package main

import (
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/shema-music/shema/services/contracts/apps"
	"github.com/shema-music/shema/services/contracts/course/coursetest"
	coursehttp "github.com/shema-music/shema/services/contracts/course/http"
	"github.com/shema-music/shema/services/kit/serviceclient"
)

// TestService_Reservations holds the service, on a real Postgres, to the suite that the booking service's stand-in passes.
func TestService_Reservations(t *testing.T) {
	t.Parallel()

	coursetest.Reservations(t, func(t *testing.T) *coursetest.School {
		t.Helper()

		s := newService(t)

		return &coursetest.School{
			Client: s.client(apps.Booking),
			Course: func(slots int) (uuid.UUID, []uuid.UUID) {
				course := s.Course("course-"+uuid.NewString(), "Piano")
				s.Exec(s.Operator, `UPDATE course.courses SET packages = '[{"name": "bulanan", "title": "Four lessons", "lessons": 4}]'
					WHERE id = $1`, course)

				return course, s.Slots(course, slots)
			},
			Teach: func(course uuid.UUID, email *string) {
				s.Exec(s.Operator, `UPDATE course.courses SET teacher_email = $2 WHERE id = $1`, course, email)
			},
		}
	})
}

// TestService_Candidates holds the service, on a real Postgres, to the suite that the recommendation service's stand-in passes.
func TestService_Candidates(t *testing.T) {
	t.Parallel()

	coursetest.Candidates(t, func(t *testing.T) *coursetest.Catalogue {
		t.Helper()

		s := newService(t)

		return &coursetest.Catalogue{
			Client: s.client(apps.Recommendation),
			Add:    func() uuid.UUID { return s.Course("course-"+uuid.NewString(), "Piano") },
			Free:   func(course uuid.UUID) { s.Slot(course, time.Hour) },
			Remove: func(course uuid.UUID) { s.Exec(s.Operator, "DELETE FROM course.courses WHERE id = $1", course) },
		}
	})
}

// client returns a client of the contract for calls of that app.
func (s *courseService) client(appID string) *coursehttp.ClientWithResponses {
	return serviceclient.New(coursehttp.NewClientWithResponses, "http://course", coursehttp.WithHTTPClient(caller{s, appID}))
}

// caller sends requests as the sidecar of another app does.
type caller struct {
	service *courseService
	appID   string
}

// Do implements coursehttp.HttpRequestDoer.
func (c caller) Do(r *http.Request) (*http.Response, error) {
	r.Header.Set("Dapr-Api-Token", appToken)
	c.service.introduce(r, call{caller: c.appID})

	w := httptest.NewRecorder()
	c.service.handler.ServeHTTP(w, r)

	return w.Result(), nil
}
