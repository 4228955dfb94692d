package clients

import (
	"github.com/shema-music/shema/services/auth/internal/auth"
	userhttp "github.com/shema-music/shema/services/contracts/user/http"
	kitauth "github.com/shema-music/shema/services/kit/auth"
)

func fromAccount(a *userhttp.Account) *auth.Account {
	return &auth.Account{
		PasswordHash: a.PasswordHash,
		AccessEpoch:  a.AccessEpoch,
		User: auth.User{
			ID:          a.User.Id,
			Email:       a.User.Email,
			FullName:    a.User.FullName,
			Phone:       a.User.Phone,
			Role:        kitauth.Role(a.User.Role),
			Status:      auth.Status(a.User.Status),
			LastLoginAt: a.User.LastLoginAt,
			CreatedAt:   a.User.CreatedAt,

			EmailVerifiedAt:    a.User.EmailVerifiedAt,
			Language:           string(a.User.Language),
			EmailNotifications: a.User.EmailNotifications,
			Preferences: auth.Preferences{
				ExperienceLevel:      convert[string](a.User.ExperienceLevel),
				LearningGoal:         convert[string](a.User.LearningGoal),
				PreferredInstruments: a.User.PreferredInstruments,
				BudgetRange:          convert[string](a.User.BudgetRange),
				AvailableDays:        convertAll[string](a.User.AvailableDays),
			},
		},
	}
}

func toNewUser(n *auth.NewAccount) userhttp.NewUser {
	instruments, days := append([]string{}, n.PreferredInstruments...), convertAll[userhttp.Weekday](n.AvailableDays)

	return userhttp.NewUser{
		Id:                   n.ID,
		Email:                n.Email,
		PasswordHash:         &n.PasswordHash,
		FullName:             n.FullName,
		Phone:                n.Phone,
		ExperienceLevel:      convert[userhttp.ExperienceLevel](n.ExperienceLevel),
		LearningGoal:         convert[userhttp.LearningGoal](n.LearningGoal),
		PreferredInstruments: &instruments,
		BudgetRange:          convert[userhttp.BudgetRange](n.BudgetRange),
		AvailableDays:        &days,
	}
}

// convert turns an optional text of one kind into another.
func convert[To, From ~string](from *From) *To {
	if from == nil {
		return nil
	}

	to := To(*from)

	return &to
}

func convertAll[To, From ~string](from []From) []To {
	to := make([]To, len(from))
	for i, f := range from {
		to[i] = To(f)
	}

	return to
}
