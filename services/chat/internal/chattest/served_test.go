package chattest

import (
	"context"
	"testing"

	"github.com/google/uuid"

	"github.com/shema-music/shema/services/chat/internal/chat"
	"github.com/shema-music/shema/services/chat/internal/clients"
	"github.com/shema-music/shema/services/chat/internal/hub"
	"github.com/shema-music/shema/services/contracts/apps"
	authhttp "github.com/shema-music/shema/services/contracts/auth/http"
	userhttp "github.com/shema-music/shema/services/contracts/user/http"
	"github.com/shema-music/shema/services/kit/httpserver"
	"github.com/shema-music/shema/services/kit/servertest"
)

// The services in memory, behind servers that check each request against the contract's document. The chat's clients call
// them as they call the real ones.

// userServer answers with what the services in memory have, and keeps what it was asked to tell people.
type userServer struct {
	userhttp.StrictServerInterface

	users         *Users
	notifications *Notifications
	notices       []userhttp.Notice
	letters       []userhttp.Letter
	erased        []uuid.UUID
}

// serveUsers returns how callers of that server's contract reach it.
func serveUsers(t *testing.T, u *userServer) (baseURL string, doer userhttp.HttpRequestDoer) {
	t.Helper()

	spec, err := userhttp.GetSpec()
	h := servertest.New(t, apps.User, spec, err)
	strict := userhttp.NewStrictHandlerWithOptions(u, nil, httpserver.StrictOptions[userhttp.StrictGinServerOptions]())
	userhttp.RegisterHandlersWithOptions(h.Server.Engine(), strict, httpserver.GinOptions[userhttp.GinServerOptions]())

	return "http://user", h.Caller(t, apps.Chat)
}

// LookupUsers implements the contract.
func (u *userServer) LookupUsers(ctx context.Context, r userhttp.LookupUsersRequestObject) (userhttp.LookupUsersResponseObject, error) {
	people, err := u.users.Lookup(ctx, r.Params.Ids)
	if err != nil {
		return nil, err
	}

	answer := userhttp.LookupUsers200JSONResponse{Items: []userhttp.User{}}
	for id, person := range people {
		answer.Items = append(answer.Items, userhttp.User{
			Id:                   id,
			Email:                person.Email,
			FullName:             person.FullName,
			Role:                 userhttp.Role(person.Role),
			Status:               userhttp.UserStatus(person.Status),
			Language:             userhttp.Language(person.Language),
			PreferredInstruments: []string{},
			AvailableDays:        []userhttp.Weekday{},
		})
	}

	return answer, nil
}

// LookupNotifications implements the contract.
func (u *userServer) LookupNotifications(
	ctx context.Context, r userhttp.LookupNotificationsRequestObject,
) (userhttp.LookupNotificationsResponseObject, error) {
	found, err := u.notifications.Notifications(ctx, r.Body.Ids)
	if err != nil {
		return nil, err
	}

	answer := userhttp.LookupNotifications200JSONResponse{Items: []userhttp.NotificationFrame{}}
	for _, n := range found {
		answer.Items = append(answer.Items, userhttp.NotificationFrame{
			Id:          n.ID,
			UserId:      n.UserID,
			Type:        userhttp.NotificationType(n.Type),
			Title:       n.Title,
			UnreadCount: n.UnreadCount,
		})
	}

	return answer, nil
}

// GiveNotice implements the contract.
func (u *userServer) GiveNotice(_ context.Context, r userhttp.GiveNoticeRequestObject) (userhttp.GiveNoticeResponseObject, error) {
	u.notices = append(u.notices, *r.Body)
	return userhttp.GiveNotice204Response{}, nil
}

// SendLetter implements the contract.
func (u *userServer) SendLetter(_ context.Context, r userhttp.SendLetterRequestObject) (userhttp.SendLetterResponseObject, error) {
	u.letters = append(u.letters, *r.Body)
	return userhttp.SendLetter204Response{}, nil
}

// ReportErased implements the contract.
func (u *userServer) ReportErased(_ context.Context, r userhttp.ReportErasedRequestObject) (userhttp.ReportErasedResponseObject, error) {
	u.erased = append(u.erased, r.UserId)
	return userhttp.ReportErased204Response{}, nil
}

// authServer answers with what the auth service in memory knows.
type authServer struct {
	authhttp.StrictServerInterface

	signIns *SignIns
}

// FindEndedSessions implements the contract.
func (a *authServer) FindEndedSessions(
	ctx context.Context, r authhttp.FindEndedSessionsRequestObject,
) (authhttp.FindEndedSessionsResponseObject, error) {
	ended, err := a.signIns.Ended(ctx, each(r.Body.Sessions, signInOf))
	if err != nil {
		return nil, err
	}

	return authhttp.FindEndedSessions200JSONResponse{Ended: each(ended, refOf)}, nil
}

// usersByClient returns the users as the chat's client brings them.
func usersByClient(t *testing.T, users *Users) chat.Users {
	t.Helper()
	return clients.NewUsers(serveUsers(t, &userServer{users: users}))
}

// notificationsByClient returns the notifications as the chat's client brings them.
func notificationsByClient(t *testing.T, n *Notifications) hub.Notifications {
	t.Helper()
	return clients.NewTelling(serveUsers(t, &userServer{notifications: n}))
}

// signInsByClient returns the sign-ins as the chat's client brings them.
func signInsByClient(t *testing.T, s *SignIns) hub.SignIns {
	t.Helper()

	spec, err := authhttp.GetSpec()
	h := servertest.New(t, apps.Auth, spec, err)
	strict := authhttp.NewStrictHandlerWithOptions(&authServer{signIns: s}, nil,
		httpserver.StrictOptions[authhttp.StrictGinServerOptions]())
	authhttp.RegisterHandlersWithOptions(h.Server.Engine(), strict, httpserver.GinOptions[authhttp.GinServerOptions]())

	return clients.NewSignIns("http://auth", h.Caller(t, apps.Chat))
}
