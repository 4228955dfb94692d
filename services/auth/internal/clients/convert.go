package clients

import (
	"github.com/shema-music/shema/services/auth/internal/auth"
	userhttp "github.com/shema-music/shema/services/contracts/user/http"
	kitauth "github.com/shema-music/shema/services/kit/auth"
	"github.com/shema-music/shema/services/kit/convert"
)

func fromAccount(a *userhttp.Account) *auth.Account {
	return &auth.Account{
		PasswordHash: a.PasswordHash,
		AccessEpoch:  a.AccessEpoch,
		User: auth.User{
			ID:                 a.User.Id,
			Email:              a.User.Email,
			EmailVerifiedAt:    a.User.EmailVerifiedAt,
			FullName:           a.User.FullName,
			Phone:              a.User.Phone,
			Role:               kitauth.Role(a.User.Role),
			Status:             auth.Status(a.User.Status),
			Language:           string(a.User.Language),
			EmailNotifications: a.User.EmailNotifications,
			LastLoginAt:        a.User.LastLoginAt,
			CreatedAt:          a.User.CreatedAt,
			Preferences: auth.Preferences{
				ExperienceLevel:      convert.Optional[string](a.User.ExperienceLevel),
				LearningGoal:         convert.Optional[string](a.User.LearningGoal),
				PreferredInstruments: a.User.PreferredInstruments,
				BudgetRange:          convert.Optional[string](a.User.BudgetRange),
				AvailableDays:        convert.All[string](a.User.AvailableDays),
			},
		},
	}
}

func toNewUser(n *auth.NewAccount) userhttp.NewUser {
	instruments, days := append([]string{}, n.PreferredInstruments...), convert.All[userhttp.Weekday](n.AvailableDays)

	return userhttp.NewUser{
		Id:                   n.ID,
		Email:                n.Email,
		PasswordHash:         convert.Given[string](n.PasswordHash),
		FullName:             n.FullName,
		Phone:                n.Phone,
		Role:                 convert.Given[userhttp.Role](n.Role),
		Language:             convert.Given[userhttp.Language](n.Language),
		Letter:               toFirstLetter(n.Letter),
		ExperienceLevel:      convert.Optional[userhttp.ExperienceLevel](n.ExperienceLevel),
		LearningGoal:         convert.Optional[userhttp.LearningGoal](n.LearningGoal),
		PreferredInstruments: &instruments,
		BudgetRange:          convert.Optional[userhttp.BudgetRange](n.BudgetRange),
		AvailableDays:        &days,
	}
}

func toFirstLetter(l *auth.Letter) *userhttp.FirstLetter {
	if l == nil {
		return nil
	}

	return &userhttp.FirstLetter{
		Id:        l.ID,
		Kind:      userhttp.FirstLetterKind(l.Kind),
		Token:     l.Token,
		ExpiresAt: l.ExpiresAt,
	}
}

func toLetter(l *auth.Letter) userhttp.Letter {
	return userhttp.Letter{
		Id:        l.ID,
		Kind:      userhttp.LetterKind(l.Kind),
		UserId:    l.UserID,
		Address:   convert.Given[string](l.Address),
		Token:     &l.Token,
		ExpiresAt: &l.ExpiresAt,
	}
}
