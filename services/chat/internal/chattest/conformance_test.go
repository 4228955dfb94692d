package chattest

import (
	"context"
	"testing"

	"github.com/google/uuid"
	. "github.com/onsi/gomega"

	"github.com/shema-music/shema/services/chat/internal/chat"
	"github.com/shema-music/shema/services/chat/internal/clients"
	"github.com/shema-music/shema/services/chat/internal/hub"
	"github.com/shema-music/shema/services/contracts/auth/authtest"
	authhttp "github.com/shema-music/shema/services/contracts/auth/http"
	"github.com/shema-music/shema/services/contracts/errs"
	userhttp "github.com/shema-music/shema/services/contracts/user/http"
	"github.com/shema-music/shema/services/contracts/user/usertest"
)

// What most tests of the chat have in a service's place is held to what the real one promises twice: as it is, and through
// the chat's own clients.

func TestUsers_Lookup(t *testing.T) {
	t.Parallel()

	for name, reached := range map[string]func(t *testing.T, users *Users) chat.Users{
		"in memory":    func(_ *testing.T, users *Users) chat.Users { return users },
		"by a request": usersByClient,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			usertest.Lookup(t, func(t *testing.T) *usertest.People {
				t.Helper()

				users := &Users{}
				asked := reached(t, users)

				return &usertest.People{
					Add:  func(name string) uuid.UUID { return added(users, name) },
					Left: uuid.New,
					Names: func(ctx context.Context, ids []uuid.UUID) (map[uuid.UUID]string, error) {
						return names(ctx, asked, ids)
					},
				}
			})
		})
	}
}

func added(users *Users, name string) uuid.UUID {
	id := uuid.New()
	users.Add(id, name)

	return id
}

func names(ctx context.Context, asked chat.Users, ids []uuid.UUID) (map[uuid.UUID]string, error) {
	people, err := asked.Lookup(ctx, ids)

	found := make(map[uuid.UUID]string, len(people))
	for id, person := range people {
		found[id] = person.FullName
	}

	return found, err
}

// More people than the user service tells at once are asked for in parts.
func TestUsers_Lookup_Many(t *testing.T) {
	t.Parallel()
	g := NewWithT(t)
	users := &Users{}
	ids := make([]uuid.UUID, 450)

	for i := range ids {
		ids[i] = added(users, "Siti")
	}

	found, err := usersByClient(t, users).Lookup(t.Context(), ids)

	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(found).To(HaveLen(450))
	g.Expect(users.Asked()).To(Equal(3))
}

func TestNotifications_Notifications(t *testing.T) {
	t.Parallel()

	for name, reached := range map[string]func(t *testing.T, kept *Notifications) hub.Notifications{
		"in memory":    func(_ *testing.T, kept *Notifications) hub.Notifications { return kept },
		"by a request": notificationsByClient,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			usertest.Notifications(t, func(t *testing.T) *usertest.Frames {
				t.Helper()

				kept := &Notifications{}
				asked := reached(t, kept)

				return &usertest.Frames{
					Notify: func() (notification, person uuid.UUID) {
						notification, person = uuid.New(), uuid.New()
						kept.Add(chat.Notification{ID: notification, UserID: person})

						return notification, person
					},
					Owners: func(ctx context.Context, ids []uuid.UUID) (map[uuid.UUID]uuid.UUID, error) {
						return owners(ctx, asked, ids)
					},
				}
			})
		})
	}
}

func owners(ctx context.Context, asked hub.Notifications, ids []uuid.UUID) (map[uuid.UUID]uuid.UUID, error) {
	found, err := asked.Notifications(ctx, ids)

	whose := make(map[uuid.UUID]uuid.UUID, len(found))
	for _, n := range found {
		whose[n.ID] = n.UserID
	}

	return whose, err
}

func TestSignIns_EndedSessions(t *testing.T) {
	t.Parallel()

	for name, reached := range map[string]func(t *testing.T, signIns *SignIns) hub.SignIns{
		"in memory":    func(_ *testing.T, signIns *SignIns) hub.SignIns { return signIns },
		"by a request": signInsByClient,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			authtest.EndedSessions(t, func(t *testing.T) *authtest.SignIns {
				t.Helper()

				signIns := &SignIns{}
				asked := reached(t, signIns)

				return &authtest.SignIns{
					SignIn: func() authhttp.SessionRef {
						signIn := hub.SignIn{UserID: uuid.New(), SessionID: uuid.New()}
						signIns.Open(signIn)

						return refOf(signIn)
					},
					End: func(session authhttp.SessionRef) { signIns.End(signInOf(session)) },
					Ended: func(ctx context.Context, refs []authhttp.SessionRef) ([]authhttp.SessionRef, error) {
						ended, err := asked.Ended(ctx, each(refs, signInOf))

						return each(ended, refOf), err
					},
				}
			})
		})
	}
}

// What the chat has the user service tell people is valid by its document, and names the session, message and person.
func TestTelling_Requests(t *testing.T) {
	t.Parallel()
	g := NewWithT(t)
	u := &userServer{}
	telling := clients.NewTelling(serveUsers(t, u))
	session, person, message := uuid.New(), uuid.New(), uuid.New()

	g.Expect(telling.NoticeUnanswered(t.Context(), session, person, 17)).To(Succeed())
	g.Expect(telling.MailReply(t.Context(), message, person)).To(Succeed())
	g.Expect(telling.ReportErased(t.Context(), person)).To(Succeed())

	g.Expect(u.notices).To(HaveLen(1))
	g.Expect(u.notices[0].Key).To(Equal("chat_unanswered:" + session.String() + ":17"))
	g.Expect(u.notices[0].To).To(Equal(userhttp.Admins))
	g.Expect(*u.notices[0].Data).To(MatchJSON(`{"session_id": "` + session.String() + `", "student_id": "` + person.String() + `"}`))
	g.Expect(u.letters).To(Equal([]userhttp.Letter{{Id: message, Kind: userhttp.LetterKindChatReply, UserId: person}}))
	g.Expect(u.erased).To(Equal([]uuid.UUID{person}))
}

// A service that fails is away for the chat, and no question is taken for answered.
func TestClients_Unavailable(t *testing.T) {
	t.Parallel()
	g := NewWithT(t)
	users, signIns := &Users{}, &SignIns{}
	users.FailWith(errs.Unavailable)
	signIns.FailWith(errs.Unavailable)

	_, err := usersByClient(t, users).Lookup(t.Context(), []uuid.UUID{uuid.New()})
	g.Expect(err).To(MatchError(errs.Unavailable))

	_, err = signInsByClient(t, signIns).Ended(t.Context(), []hub.SignIn{{UserID: uuid.New(), SessionID: uuid.New()}})
	g.Expect(err).To(MatchError(errs.Unavailable))
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
