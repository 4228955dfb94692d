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
		PasswordHash:         given[string](n.PasswordHash),
		FullName:             n.FullName,
		Phone:                n.Phone,
		Role:                 given[userhttp.Role](n.Role),
		Language:             given[userhttp.Language](n.Language),
		Letter:               toFirstLetter(n.Letter),
		ExperienceLevel:      convert[userhttp.ExperienceLevel](n.ExperienceLevel),
		LearningGoal:         convert[userhttp.LearningGoal](n.LearningGoal),
		PreferredInstruments: &instruments,
		BudgetRange:          convert[userhttp.BudgetRange](n.BudgetRange),
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
		Address:   given[string](l.Address),
		Token:     &l.Token,
		ExpiresAt: &l.ExpiresAt,
	}
}

// given returns the text as one of another kind, or nil for an empty one.
func given[To, From ~string](text From) *To {
	if text == "" {
		return nil
	}

	to := To(text)

	return &to
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
