// Package clients calls the services that the chat depends on.
package clients

import (
	"context"
	"fmt"
	"maps"
	"net/http"
	"slices"

	"github.com/google/uuid"

	"github.com/shema-music/shema/services/chat/internal/hub"
	authhttp "github.com/shema-music/shema/services/contracts/auth/http"
	"github.com/shema-music/shema/services/contracts/errs"
	userhttp "github.com/shema-music/shema/services/contracts/user/http"
)

// lookupAtOnce is how many people the user service tells at a time.
const lookupAtOnce = 200

// Users implements chat.Users.
type Users struct{ client *userhttp.ClientWithResponses }

// NewUsers returns the user service behind baseURL.
func NewUsers(baseURL string, doer userhttp.HttpRequestDoer) (*Users, error) {
	client, err := userhttp.NewClientWithResponses(baseURL, userhttp.WithHTTPClient(doer))
	if err != nil {
		return nil, fmt.Errorf("set up the client of the user service: %w", err)
	}

	return &Users{client: client}, nil
}

// Lookup implements chat.Users.
func (u *Users) Lookup(ctx context.Context, ids []uuid.UUID) (map[uuid.UUID]userhttp.User, error) {
	found := make(map[uuid.UUID]userhttp.User, len(ids))
	for part := range slices.Chunk(ids, lookupAtOnce) {
		some, err := u.lookup(ctx, part)
		if err != nil {
			return found, err
		}

		maps.Copy(found, some)
	}

	return found, nil
}

func (u *Users) lookup(ctx context.Context, ids []uuid.UUID) (map[uuid.UUID]userhttp.User, error) {
	answer, err := u.client.LookupUsersWithResponse(ctx, &userhttp.LookupUsersParams{Ids: ids})
	if err != nil {
		return nil, unreachable("look up users", err)
	}

	if answer.JSON200 == nil {
		return nil, failure("look up users", errs.FromResponse(answer.StatusCode(), answer.Body))
	}

	found := make(map[uuid.UUID]userhttp.User, len(answer.JSON200.Items))
	for _, user := range answer.JSON200.Items {
		found[user.Id] = user
	}

	return found, nil
}

// SignIns implements hub.SignIns.
type SignIns struct{ client *authhttp.ClientWithResponses }

// NewSignIns returns the auth service behind baseURL.
func NewSignIns(baseURL string, doer authhttp.HttpRequestDoer) (*SignIns, error) {
	client, err := authhttp.NewClientWithResponses(baseURL, authhttp.WithHTTPClient(doer))
	if err != nil {
		return nil, fmt.Errorf("set up the client of the auth service: %w", err)
	}

	return &SignIns{client: client}, nil
}

// Ended implements hub.SignIns.
func (s *SignIns) Ended(ctx context.Context, asked []hub.SignIn) ([]hub.SignIn, error) {
	refs := make([]authhttp.SessionRef, len(asked))
	for i, signIn := range asked {
		refs[i] = authhttp.SessionRef{UserId: signIn.UserID, SessionId: signIn.SessionID}
	}

	answer, err := s.client.FindEndedSessionsWithResponse(ctx, authhttp.SessionRefs{Sessions: refs})
	if err != nil {
		return nil, unreachable("ask for ended sessions", err)
	}

	if answer.JSON200 == nil {
		return nil, failure("ask for ended sessions", errs.FromResponse(answer.StatusCode(), answer.Body))
	}

	ended := make([]hub.SignIn, len(answer.JSON200.Ended))
	for i, ref := range answer.JSON200.Ended {
		ended[i] = hub.SignIn{UserID: ref.UserId, SessionID: ref.SessionId}
	}

	return ended, nil
}

// unreachable says that a call was not answered.
func unreachable(call string, err error) error {
	return errs.Unavailable.Wrap(fmt.Errorf("%s: %w", call, err))
}

// unless204 returns the refusal of a call that is answered without a body.
func unless204(call string, status int, body []byte) error {
	if status == http.StatusNoContent {
		return nil
	}

	return failure(call, errs.FromResponse(status, body))
}

// failure keeps what another service says about our call from our own caller, who has not made it.
func failure(call string, err error) error {
	if e, ok := errs.As(err); ok && e.Kind.Status() == http.StatusServiceUnavailable {
		return errs.Unavailable.Wrap(fmt.Errorf("%s: %w", call, err))
	}

	return errs.Internal.Wrap(fmt.Errorf("%s: %w", call, err))
}
