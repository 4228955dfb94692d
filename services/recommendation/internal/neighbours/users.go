package neighbours

import (
	"context"
	"fmt"

	"github.com/google/uuid"

	"github.com/shema-music/shema/services/recommendation/internal/recommendation"
	"github.com/shema-music/shema/services/recommendation/internal/score"
	userapi "github.com/shema-music/shema/services/user/api"
)

// Users implements recommendation.Users.
type Users struct{ client *userapi.ClientWithResponses }

// NewUsers returns the user service behind baseURL.
func NewUsers(baseURL string, doer userapi.HttpRequestDoer) (*Users, error) {
	client, err := userapi.NewClientWithResponses(baseURL, userapi.WithHTTPClient(doer))
	if err != nil {
		return nil, fmt.Errorf("set up the client of the user service: %w", err)
	}
	return &Users{client: client}, nil
}

// Preferences implements recommendation.Users.
func (u *Users) Preferences(ctx context.Context, userID uuid.UUID) (score.Preferences, error) {
	const call = "look up a user"
	answer, err := u.client.LookupUsersWithResponse(ctx, &userapi.LookupUsersParams{Ids: []uuid.UUID{userID}})
	if err != nil {
		return score.Preferences{}, unreadable(call, err)
	}
	if answer.JSON200 == nil {
		return score.Preferences{}, failure(call, answer.StatusCode(), answer.Body)
	}
	if len(answer.JSON200.Items) == 0 {
		return score.Preferences{}, recommendation.ErrUnknownUser
	}
	profile := answer.JSON200.Items[0]
	return score.Preferences{
		ExperienceLevel: text(profile.ExperienceLevel), LearningGoal: text(profile.LearningGoal),
		BudgetRange: text(profile.BudgetRange), Instruments: profile.PreferredInstruments,
		Days: score.ParseDays(texts(profile.AvailableDays)),
	}, nil
}
