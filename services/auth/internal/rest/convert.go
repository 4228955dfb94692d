package rest

import (
	"github.com/shema-music/shema/services/auth/api"
	"github.com/shema-music/shema/services/auth/internal/auth"
	userapi "github.com/shema-music/shema/services/user/api"
)

// toUser turns the user service's person into ours: the same fields, other enumerations.
func toUser(u *userapi.User) api.User {
	return api.User{
		Id: u.Id, Email: u.Email, FullName: u.FullName, Phone: u.Phone,
		Role: api.Role(u.Role), Status: api.UserStatus(u.Status),
		ExperienceLevel:      convert[api.ExperienceLevel](u.ExperienceLevel),
		LearningGoal:         convert[api.LearningGoal](u.LearningGoal),
		PreferredInstruments: u.PreferredInstruments,
		BudgetRange:          convert[api.BudgetRange](u.BudgetRange),
		AvailableDays:        convertAll[api.Weekday](u.AvailableDays),
		LastLoginAt:          u.LastLoginAt, CreatedAt: u.CreatedAt,
	}
}

func fromRegistration(b *api.Registration) *auth.Registration {
	r := &auth.Registration{Password: b.Password, Profile: userapi.NewUser{
		Email: b.Email, FullName: b.FullName, Phone: b.Phone,
		ExperienceLevel:      convert[userapi.ExperienceLevel](b.ExperienceLevel),
		LearningGoal:         convert[userapi.LearningGoal](b.LearningGoal),
		PreferredInstruments: b.PreferredInstruments,
		BudgetRange:          convert[userapi.BudgetRange](b.BudgetRange),
	}}
	if b.AvailableDays != nil {
		days := convertAll[userapi.Weekday](*b.AvailableDays)
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
