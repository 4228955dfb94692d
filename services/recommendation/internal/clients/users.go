package clients

import (
	"context"
	"fmt"

	"github.com/google/uuid"

	usererrs "github.com/shema-music/shema/services/contracts/user/errs"
	userhttp "github.com/shema-music/shema/services/contracts/user/http"
	"github.com/shema-music/shema/services/recommendation/internal/score"
)

// Users implements recommendation.Users.
type Users struct{ client *userhttp.ClientWithResponses }

// NewUsers returns the user service behind baseURL.
func NewUsers(baseURL string, doer userhttp.HttpRequestDoer) (*Users, error) {
	client, err := userhttp.NewClientWithResponses(baseURL, userhttp.WithHTTPClient(doer))
	if err != nil {
		return nil, fmt.Errorf("set up the client of the user service: %w", err)
	}

	return &Users{client: client}, nil
}

// Preferences implements recommendation.Users.
func (u *Users) Preferences(ctx context.Context, userID uuid.UUID) (score.Preferences, error) {
	const call = "look up a user"

	answer, err := u.client.LookupUsersWithResponse(ctx, &userhttp.LookupUsersParams{Ids: []uuid.UUID{userID}})
	if err != nil {
		return score.Preferences{}, unreadable(call, err)
	}

	if answer.JSON200 == nil {
		return score.Preferences{}, failure(call, answer.StatusCode(), answer.Body)
	}

	if len(answer.JSON200.Items) == 0 {
		return score.Preferences{}, usererrs.NotFound
	}

	profile := answer.JSON200.Items[0]

	return score.Preferences{
		ExperienceLevel: text(profile.ExperienceLevel),
		LearningGoal:    text(profile.LearningGoal),
		BudgetRange:     text(profile.BudgetRange),
		Instruments:     profile.PreferredInstruments,
		Days:            score.ParseDays(texts(profile.AvailableDays)),
	}, nil
}
