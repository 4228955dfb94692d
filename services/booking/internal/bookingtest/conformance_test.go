package bookingtest

import (
	"slices"
	"testing"

	"github.com/google/uuid"

	"github.com/shema-music/shema/services/contracts/course/coursetest"
	coursehttp "github.com/shema-music/shema/services/contracts/course/http"
	userhttp "github.com/shema-music/shema/services/contracts/user/http"
	"github.com/shema-music/shema/services/contracts/user/usertest"
	"github.com/shema-music/shema/services/kit/serviceclient"
)

// TestCourses_Reservations holds the course service in memory to what the real one promises.
func TestCourses_Reservations(t *testing.T) {
	t.Parallel()

	coursetest.Reservations(t, func(t *testing.T) *coursetest.School {
		t.Helper()

		courses := NewCourses()
		network := newNetwork(map[string]app{CourseID: courses.server(t)})
		baseURL, doer := network.sidecar(t).Invoke(CourseID)

		return &coursetest.School{
			Client: serviceclient.New(coursehttp.NewClientWithResponses, baseURL, coursehttp.WithHTTPClient(doer)),
			Course: func(slots int) (uuid.UUID, []uuid.UUID) { return courses.Add(slots) },
			Teach:  courses.Name,
		}
	})
}

// TestUsers_Lookup holds the user service in memory to what the real one promises.
func TestUsers_Lookup(t *testing.T) {
	t.Parallel()

	usertest.StandIn(t, func(t *testing.T) (*userhttp.ClientWithResponses, func(name string) uuid.UUID) {
		t.Helper()

		users := NewUsers()

		return users.client(t), func(name string) uuid.UUID { return made(users.Add, name) }
	})
}

// TestUsers_Notices holds the user service in memory to what the real one promises.
func TestUsers_Notices(t *testing.T) {
	t.Parallel()

	usertest.Notices(t, func(t *testing.T) *usertest.Desk {
		t.Helper()

		users := NewUsers()

		return &usertest.Desk{
			Client: users.client(t),
			Add:    func() uuid.UUID { return made(users.Add, "Siti") },
			Left:   uuid.New,
			Told: func(person uuid.UUID) (count int) {
				for _, notice := range users.Notices() {
					if slices.Contains(*notice.UserIds, person) {
						count++
					}
				}

				return count
			},
		}
	})
}

// TestUsers_Teachers holds the user service in memory to what the real one promises.
func TestUsers_Teachers(t *testing.T) {
	t.Parallel()

	usertest.Teachers(t, func(t *testing.T) *usertest.Staff {
		t.Helper()

		users := NewUsers()

		return &usertest.Staff{
			Client:  users.client(t),
			Student: func(name string) uuid.UUID { return made(users.Add, name) },
			Teacher: func(name string) uuid.UUID { return made(users.AddTeacher, name) },
		}
	})
}

// made returns the id of a person whom add has made.
func made(add func(id uuid.UUID, name string), name string) uuid.UUID {
	id := uuid.New()
	add(id, name)

	return id
}

func (u *Users) client(t *testing.T) *userhttp.ClientWithResponses {
	t.Helper()

	network := newNetwork(map[string]app{UserID: u.server(t)})
	baseURL, doer := network.sidecar(t).Invoke(UserID)

	return serviceclient.New(userhttp.NewClientWithResponses, baseURL, userhttp.WithHTTPClient(doer))
}
