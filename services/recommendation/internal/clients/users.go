package clients

import (
	"context"

	"github.com/shema-music/shema/services/kit/convert"
	"github.com/shema-music/shema/services/kit/serviceclient"

	"github.com/google/uuid"

	usererrs "github.com/shema-music/shema/services/contracts/user/errs"
	userhttp "github.com/shema-music/shema/services/contracts/user/http"
	"github.com/shema-music/shema/services/recommendation/internal/score"
)

// Users implements recommendation.Users.
type Users struct{ client *userhttp.ClientWithResponses }

// NewUsers returns the user service behind baseURL.
func NewUsers(baseURL string, doer userhttp.HttpRequestDoer) *Users {
	return &Users{client: serviceclient.New(userhttp.NewClientWithResponses, baseURL, userhttp.WithHTTPClient(doer))}
}

// Preferences implements recommendation.Users.
func (u *Users) Preferences(ctx context.Context, userID uuid.UUID) (score.Preferences, error) {
	const call = "look up a user"

	answer, err := u.client.LookupUsersWithResponse(ctx, &userhttp.LookupUsersParams{Ids: []uuid.UUID{userID}})

	body, err := serviceclient.Result(call, answer, err)
	if err != nil {
		return score.Preferences{}, err
	}

	if len(body.Items) == 0 {
		return score.Preferences{}, usererrs.NotFound
	}

	profile := body.Items[0]

	return score.Preferences{
		ExperienceLevel: string(convert.Value(profile.ExperienceLevel)),
		LearningGoal:    string(convert.Value(profile.LearningGoal)),
		BudgetRange:     string(convert.Value(profile.BudgetRange)),
		Instruments:     profile.PreferredInstruments,
		Days:            score.ParseDays(convert.All[string](profile.AvailableDays)),
	}, nil
}
