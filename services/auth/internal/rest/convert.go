package rest

import (
	"github.com/shema-music/shema/services/auth/internal/auth"
	authhttp "github.com/shema-music/shema/services/contracts/auth/http"
	userhttp "github.com/shema-music/shema/services/contracts/user/http"
)

// toUser turns the user service's person into ours: the same fields, other enumerations.
func toUser(u *userhttp.User) authhttp.User {
	return authhttp.User{
		Id:                   u.Id,
		Email:                u.Email,
		FullName:             u.FullName,
		Phone:                u.Phone,
		Role:                 authhttp.Role(u.Role),
		Status:               authhttp.UserStatus(u.Status),
		ExperienceLevel:      convert[authhttp.ExperienceLevel](u.ExperienceLevel),
		LearningGoal:         convert[authhttp.LearningGoal](u.LearningGoal),
		PreferredInstruments: u.PreferredInstruments,
		BudgetRange:          convert[authhttp.BudgetRange](u.BudgetRange),
		AvailableDays:        convertAll[authhttp.Weekday](u.AvailableDays),
		LastLoginAt:          u.LastLoginAt,
		CreatedAt:            u.CreatedAt,
	}
}

func fromRegistration(b *authhttp.Registration) *auth.Registration {
	r := &auth.Registration{Password: b.Password, Profile: userhttp.NewUser{
		Email:                b.Email,
		FullName:             b.FullName,
		Phone:                b.Phone,
		ExperienceLevel:      convert[userhttp.ExperienceLevel](b.ExperienceLevel),
		LearningGoal:         convert[userhttp.LearningGoal](b.LearningGoal),
		PreferredInstruments: b.PreferredInstruments,
		BudgetRange:          convert[userhttp.BudgetRange](b.BudgetRange),
	}}
	if b.AvailableDays != nil {
		days := convertAll[userhttp.Weekday](*b.AvailableDays)
		r.Profile.AvailableDays = &days
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
