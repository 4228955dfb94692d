package rest_test

import (
	"context"
	"net/http"
	"testing"

	"github.com/google/uuid"
	. "github.com/onsi/gomega"

	"github.com/shema-music/shema/services/contracts/apps"
	userhttp "github.com/shema-music/shema/services/contracts/user/http"
	"github.com/shema-music/shema/services/contracts/user/usertest"
	"github.com/shema-music/shema/services/kit/serviceclient"
)

// The suites here are those that the stand-ins of our callers pass; this is the service itself, on a real Postgres.

// client returns a client of the contract for calls of that app.
func (f *fixture) client(t *testing.T, appID string) *userhttp.ClientWithResponses {
	t.Helper()

	return serviceclient.New(userhttp.NewClientWithResponses, "http://user", userhttp.WithHTTPClient(f.Caller(t, appID)))
}

// person makes a student with what the body says.
func (f *fixture) person(t *testing.T, body map[string]any) uuid.UUID {
	t.Helper()

	id := uuid.New()
	body["id"], body["email"] = id, id.String()+"@example.com"
	r := f.create(t, body)
	NewWithT(t).Expect(r.Status).To(Equal(http.StatusCreated), string(r.Body))

	return id
}

// left makes a student who leaves at once.
func (f *fixture) left(t *testing.T) uuid.UUID {
	t.Helper()

	id := f.person(t, map[string]any{})
	NewWithT(t).Expect(f.erase(t, id).Status).To(Equal(http.StatusNoContent))

	return id
}

func TestService_Lookup(t *testing.T) {
	for _, appID := range []string{apps.Booking, apps.Chat, apps.Recommendation} {
		t.Run(appID, func(t *testing.T) {
			usertest.Lookup(t, func(t *testing.T) *usertest.People {
				t.Helper()

				f := setUp(t)

				return &usertest.People{
					Add:   func(name string) uuid.UUID { return f.person(t, map[string]any{"full_name": name}) },
					Left:  func() uuid.UUID { return f.left(t) },
					Names: usertest.NamesBy(f.client(t, appID)),
				}
			})
		})
	}
}

func TestService_Preferences(t *testing.T) {
	usertest.Preferences(t, func(t *testing.T) *usertest.Profiles {
		t.Helper()

		f := setUp(t)

		return &usertest.Profiles{
			Client: f.client(t, apps.Recommendation),
			Add: func(said usertest.Said) uuid.UUID {
				return f.person(t, map[string]any{
					"experience_level": said.Level, "learning_goal": said.Goal, "budget_range": said.Budget,
					"preferred_instruments": said.Instruments, "available_days": said.Days,
				})
			},
		}
	})
}

func TestService_Notices(t *testing.T) {
	usertest.Notices(t, func(t *testing.T) *usertest.Desk {
		t.Helper()

		f := setUp(t)

		return &usertest.Desk{
			Client: f.client(t, apps.Booking),
			Add:    func() uuid.UUID { return f.person(t, map[string]any{}) },
			Left:   func() uuid.UUID { return f.left(t) },
			Told:   func(person uuid.UUID) int { return f.count(t, "notifications WHERE user_id = $1", person) },
		}
	})
}

func TestService_Teachers(t *testing.T) {
	usertest.Teachers(t, func(t *testing.T) *usertest.Staff {
		t.Helper()

		f := setUp(t)

		return &usertest.Staff{
			Client: f.client(t, apps.Booking),
			Student: func(name string) uuid.UUID {
				return f.student(t, name+"@example.com").UserID
			},
			Teacher: func(name string) uuid.UUID {
				return f.teacher(t, name+"@example.com").UserID
			},
		}
	})
}

func TestService_Notifications(t *testing.T) {
	usertest.Notifications(t, func(t *testing.T) *usertest.Frames {
		t.Helper()

		f := setUp(t)

		return &usertest.Frames{
			Notify: func() (notification, person uuid.UUID) { return f.notify(t) },
			Owners: func(ctx context.Context, ids []uuid.UUID) (map[uuid.UUID]uuid.UUID, error) {
				answer, err := f.client(t, apps.Chat).LookupNotificationsWithResponse(ctx, userhttp.NotificationIds{Ids: ids})
				if err != nil {
					return nil, err
				}

				NewWithT(t).Expect(answer.JSON200).NotTo(BeNil(), string(answer.Body))

				owners := map[uuid.UUID]uuid.UUID{}
				for _, n := range answer.JSON200.Items {
					owners[n.Id] = n.UserId
				}

				return owners, nil
			},
		}
	})
}

// notify makes a student who is reminded of a lesson.
func (f *fixture) notify(t *testing.T) (notification, person uuid.UUID) {
	t.Helper()

	person = f.person(t, map[string]any{})
	f.give(t, map[string]any{
		"key": "lesson_reminder:1", "type": "lesson_reminder", "to": "users",
		"user_ids": []uuid.UUID{person},
	})

	err := f.pool.QueryRow(t.Context(), "SELECT id FROM users.notifications WHERE user_id = $1", person).Scan(&notification)
	NewWithT(t).Expect(err).NotTo(HaveOccurred())

	return notification, person
}
