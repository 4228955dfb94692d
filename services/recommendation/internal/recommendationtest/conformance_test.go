package recommendationtest

import (
	"net/http"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/shema-music/shema/services/contracts/course/coursetest"
	coursehttp "github.com/shema-music/shema/services/contracts/course/http"
	userhttp "github.com/shema-music/shema/services/contracts/user/http"
	"github.com/shema-music/shema/services/contracts/user/usertest"
	"github.com/shema-music/shema/services/kit/serviceclient"
)

// TestCourses_Candidates holds the course service in memory to what the real one promises.
func TestCourses_Candidates(t *testing.T) {
	t.Parallel()

	coursetest.Candidates(t, func(t *testing.T) *coursetest.Catalogue {
		t.Helper()

		courses := &Courses{}
		network := &network{apps: map[string]http.Handler{CourseID: courses.server(t)}}
		baseURL, doer := network.sidecar(t).Invoke(CourseID)

		return &coursetest.Catalogue{
			Client: serviceclient.New(coursehttp.NewClientWithResponses, baseURL, coursehttp.WithHTTPClient(doer)),
			Add:    func() uuid.UUID { return courses.Add("Piano", nil) },
			Free:   func(course uuid.UUID) { courses.Free(course, time.Now().Add(time.Hour)) },
			Remove: courses.Remove,
		}
	})
}

// TestUsers_Lookup holds the user service in memory to what the real one promises.
func TestUsers_Lookup(t *testing.T) {
	t.Parallel()

	usertest.StandIn(t, func(t *testing.T) (*userhttp.ClientWithResponses, func(name string) uuid.UUID) {
		t.Helper()

		users := NewUsers()

		return users.client(t), func(name string) uuid.UUID {
			return users.Add(func(u *userhttp.User) { u.FullName = name })
		}
	})
}

// TestUsers_Preferences holds the user service in memory to what the real one promises.
func TestUsers_Preferences(t *testing.T) {
	t.Parallel()

	usertest.Preferences(t, func(t *testing.T) *usertest.Profiles {
		t.Helper()

		users := NewUsers()

		return &usertest.Profiles{
			Client: users.client(t),
			Add: func(said usertest.Said) uuid.UUID {
				return users.Add(func(u *userhttp.User) {
					u.ExperienceLevel, u.LearningGoal, u.BudgetRange = said.Level, said.Goal, said.Budget
					u.PreferredInstruments, u.AvailableDays = said.Instruments, said.Days
				})
			},
		}
	})
}

func (u *Users) client(t *testing.T) *userhttp.ClientWithResponses {
	t.Helper()

	network := &network{apps: map[string]http.Handler{UserID: u.server(t)}}
	baseURL, doer := network.sidecar(t).Invoke(UserID)

	return serviceclient.New(userhttp.NewClientWithResponses, baseURL, userhttp.WithHTTPClient(doer))
}
