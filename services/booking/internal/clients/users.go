package clients

import (
	"context"
	"fmt"

	"github.com/google/uuid"

	"github.com/shema-music/shema/services/booking/internal/booking"
	"github.com/shema-music/shema/services/contracts/errs"
	userhttp "github.com/shema-music/shema/services/contracts/user/http"
)

// Users implements booking.Users.
type Users struct{ client *userhttp.ClientWithResponses }

// NewUsers returns the user service behind baseURL.
func NewUsers(baseURL string, doer userhttp.HttpRequestDoer) (*Users, error) {
	client, err := userhttp.NewClientWithResponses(baseURL, userhttp.WithHTTPClient(doer))
	if err != nil {
		return nil, fmt.Errorf("set up the client of the user service: %w", err)
	}

	return &Users{client: client}, nil
}

// Lookup implements booking.Users.
func (u *Users) Lookup(ctx context.Context, ids []uuid.UUID) (map[uuid.UUID]booking.Person, error) {
	answer, err := u.client.LookupUsersWithResponse(ctx, &userhttp.LookupUsersParams{Ids: ids})
	if err != nil {
		return nil, unreadable("look up users", err)
	}

	if answer.JSON200 == nil {
		return nil, failure("look up users", errs.FromResponse(answer.StatusCode(), answer.Body))
	}

	found := make(map[uuid.UUID]booking.Person, len(answer.JSON200.Items))
	for _, user := range answer.JSON200.Items {
		found[user.Id] = booking.Person{
			ID:       user.Id,
			FullName: user.FullName,
			Email:    user.Email,
			Phone:    user.Phone,
		}
	}

	return found, nil
}
