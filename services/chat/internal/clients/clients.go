// Package clients calls the services that the chat depends on.
package clients

import (
	"context"
	"maps"
	"slices"

	"github.com/google/uuid"

	"github.com/shema-music/shema/services/chat/internal/chat"
	"github.com/shema-music/shema/services/chat/internal/hub"
	authhttp "github.com/shema-music/shema/services/contracts/auth/http"
	userhttp "github.com/shema-music/shema/services/contracts/user/http"
	"github.com/shema-music/shema/services/kit/auth"
	"github.com/shema-music/shema/services/kit/convert"
	"github.com/shema-music/shema/services/kit/serviceclient"
)

// lookupAtOnce is how many people the user service tells at a time.
const lookupAtOnce = 200

// Users implements chat.Users.
type Users struct{ client *userhttp.ClientWithResponses }

// NewUsers returns the user service behind baseURL.
func NewUsers(baseURL string, doer userhttp.HttpRequestDoer) *Users {
	return &Users{client: serviceclient.New(userhttp.NewClientWithResponses, baseURL, userhttp.WithHTTPClient(doer))}
}

// Lookup implements chat.Users.
func (u *Users) Lookup(ctx context.Context, ids []uuid.UUID) (map[uuid.UUID]chat.Person, error) {
	found := make(map[uuid.UUID]chat.Person, len(ids))
	for part := range slices.Chunk(ids, lookupAtOnce) {
		some, err := u.lookup(ctx, part)
		if err != nil {
			return found, err
		}

		maps.Copy(found, some)
	}

	return found, nil
}

func (u *Users) lookup(ctx context.Context, ids []uuid.UUID) (map[uuid.UUID]chat.Person, error) {
	answer, err := u.client.LookupUsersWithResponse(ctx, &userhttp.LookupUsersParams{Ids: ids})

	body, err := serviceclient.Result("look up users", answer, err)
	if err != nil {
		return nil, err
	}

	found := make(map[uuid.UUID]chat.Person, len(body.Items))
	for _, user := range body.Items {
		found[user.Id] = fromUser(&user)
	}

	return found, nil
}

func fromUser(u *userhttp.User) chat.Person {
	return chat.Person{
		ID:                   u.Id,
		Email:                u.Email,
		EmailVerifiedAt:      u.EmailVerifiedAt,
		FullName:             u.FullName,
		Phone:                u.Phone,
		Role:                 auth.Role(u.Role),
		Status:               string(u.Status),
		Language:             string(u.Language),
		EmailNotifications:   u.EmailNotifications,
		ExperienceLevel:      convert.Optional[string](u.ExperienceLevel),
		LearningGoal:         convert.Optional[string](u.LearningGoal),
		PreferredInstruments: u.PreferredInstruments,
		BudgetRange:          convert.Optional[string](u.BudgetRange),
		AvailableDays:        convert.All[string](u.AvailableDays),
		LastLoginAt:          u.LastLoginAt,
		CreatedAt:            u.CreatedAt,
	}
}

// SignIns implements hub.SignIns.
type SignIns struct{ client *authhttp.ClientWithResponses }

// NewSignIns returns the auth service behind baseURL.
func NewSignIns(baseURL string, doer authhttp.HttpRequestDoer) *SignIns {
	return &SignIns{client: serviceclient.New(authhttp.NewClientWithResponses, baseURL, authhttp.WithHTTPClient(doer))}
}

// Ended implements hub.SignIns.
func (s *SignIns) Ended(ctx context.Context, asked []hub.SignIn) ([]hub.SignIn, error) {
	refs := make([]authhttp.SessionRef, len(asked))
	for i, signIn := range asked {
		refs[i] = authhttp.SessionRef{UserId: signIn.UserID, SessionId: signIn.SessionID}
	}

	answer, err := s.client.FindEndedSessionsWithResponse(ctx, authhttp.SessionRefs{Sessions: refs})

	body, err := serviceclient.Result("ask for ended sessions", answer, err)
	if err != nil {
		return nil, err
	}

	ended := make([]hub.SignIn, len(body.Ended))
	for i, ref := range body.Ended {
		ended[i] = hub.SignIn{UserID: ref.UserId, SessionID: ref.SessionId}
	}

	return ended, nil
}
