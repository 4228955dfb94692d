package rest

import (
	"github.com/shema-music/shema/services/auth/internal/auth"
	authhttp "github.com/shema-music/shema/services/contracts/auth/http"
)

func toUser(u *auth.User) authhttp.User {
	return authhttp.User{
		Id:                   u.ID,
		Email:                u.Email,
		FullName:             u.FullName,
		Phone:                u.Phone,
		Role:                 authhttp.Role(u.Role),
		Status:               authhttp.UserStatus(u.Status),
		ExperienceLevel:      convert[authhttp.ExperienceLevel](u.ExperienceLevel),
		LearningGoal:         convert[authhttp.LearningGoal](u.LearningGoal),
		PreferredInstruments: append([]string{}, u.PreferredInstruments...),
		BudgetRange:          convert[authhttp.BudgetRange](u.BudgetRange),
		AvailableDays:        convertAll[authhttp.Weekday](u.AvailableDays),
		LastLoginAt:          u.LastLoginAt,
		CreatedAt:            u.CreatedAt,
	}
}

func fromRegistration(b *authhttp.Registration) *auth.Registration {
	r := &auth.Registration{Password: b.Password, Profile: auth.NewAccount{
		Email:    b.Email,
		FullName: b.FullName,
		Phone:    b.Phone,
		Preferences: auth.Preferences{
			ExperienceLevel: convert[string](b.ExperienceLevel),
			LearningGoal:    convert[string](b.LearningGoal),
			BudgetRange:     convert[string](b.BudgetRange),
		},
	}}
	if b.PreferredInstruments != nil {
		r.Profile.PreferredInstruments = *b.PreferredInstruments
	}

	if b.AvailableDays != nil {
		r.Profile.AvailableDays = convertAll[string](*b.AvailableDays)
	}

	return r
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
