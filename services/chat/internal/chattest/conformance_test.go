package chattest

import (
	"context"
	"testing"

	"github.com/google/uuid"

	"github.com/shema-music/shema/services/chat/internal/chat"
	"github.com/shema-music/shema/services/chat/internal/hub"
	"github.com/shema-music/shema/services/contracts/auth/authtest"
	authhttp "github.com/shema-music/shema/services/contracts/auth/http"
	"github.com/shema-music/shema/services/contracts/user/usertest"
)

// TestUsers_Lookup holds the user service in memory to what the real one promises.
func TestUsers_Lookup(t *testing.T) {
	t.Parallel()

	usertest.Lookup(t, func(t *testing.T) *usertest.People {
		t.Helper()

		users := NewUsers()

		return &usertest.People{
			Add: func(name string) uuid.UUID {
				id := uuid.New()
				users.Add(id, name)

				return id
			},
			Left: uuid.New,
			Names: func(ctx context.Context, ids []uuid.UUID) (map[uuid.UUID]string, error) {
				people, err := users.Lookup(ctx, ids)

				names := make(map[uuid.UUID]string, len(people))
				for id, person := range people {
					names[id] = person.FullName
				}

				return names, err
			},
		}
	})
}

// TestNotifications_Notifications holds the notifications in memory to what the real service promises.
func TestNotifications_Notifications(t *testing.T) {
	t.Parallel()

	usertest.Notifications(t, func(t *testing.T) *usertest.Frames {
		t.Helper()

		kept := NewNotifications()

		return &usertest.Frames{
			Notify: func() (notification, person uuid.UUID) {
				notification, person = uuid.New(), uuid.New()
				kept.Add(chat.Notification{ID: notification, UserID: person})

				return notification, person
			},
			Owners: func(ctx context.Context, ids []uuid.UUID) (map[uuid.UUID]uuid.UUID, error) {
				found, err := kept.Notifications(ctx, ids)

				owners := make(map[uuid.UUID]uuid.UUID, len(found))
				for _, n := range found {
					owners[n.ID] = n.UserID
				}

				return owners, err
			},
		}
	})
}

// TestSignIns_EndedSessions holds the auth service in memory to what the real one promises.
func TestSignIns_EndedSessions(t *testing.T) {
	t.Parallel()

	authtest.EndedSessions(t, func(t *testing.T) *authtest.SignIns {
		t.Helper()

		signIns := NewSignIns()

		return &authtest.SignIns{
			SignIn: func() authhttp.SessionRef {
				signIn := hub.SignIn{UserID: uuid.New(), SessionID: uuid.New()}
				signIns.Open(signIn)

				return refOf(signIn)
			},
			End: func(session authhttp.SessionRef) { signIns.End(signInOf(session)) },
			Ended: func(ctx context.Context, asked []authhttp.SessionRef) ([]authhttp.SessionRef, error) {
				ended, err := signIns.Ended(ctx, each(asked, signInOf))

				return each(ended, refOf), err
			},
		}
	})
}

func refOf(s hub.SignIn) authhttp.SessionRef {
	return authhttp.SessionRef{UserId: s.UserID, SessionId: s.SessionID}
}

func signInOf(s authhttp.SessionRef) hub.SignIn {
	return hub.SignIn{UserID: s.UserId, SessionID: s.SessionId}
}

func each[From, To any](from []From, turn func(From) To) []To {
	to := make([]To, len(from))
	for i, one := range from {
		to[i] = turn(one)
	}

	return to
}
