package rest

import (
	"github.com/oapi-codegen/nullable"

	"github.com/shema-music/shema/services/user/api"
	"github.com/shema-music/shema/services/user/internal/user"
)

func toAPI(u *user.User) api.User {
	return api.User{
		Id: u.ID, Email: u.Email, FullName: u.FullName, Phone: u.Phone,
		Role: api.Role(u.Role), Status: api.UserStatus(u.Status),
		ExperienceLevel:      convert[api.ExperienceLevel](u.ExperienceLevel),
		LearningGoal:         convert[api.LearningGoal](u.LearningGoal),
		PreferredInstruments: u.PreferredInstruments,
		BudgetRange:          convert[api.BudgetRange](u.BudgetRange),
		AvailableDays:        convertAll[api.Weekday](u.AvailableDays),
		LastLoginAt:          u.LastLoginAt, CreatedAt: u.CreatedAt,
	}
}

func allToAPI(users []user.User) []api.User {
	items := make([]api.User, len(users))
	for i := range users {
		items[i] = toAPI(&users[i])
	}
	return items
}

func toAccount(a *user.Account) api.Account {
	return api.Account{User: toAPI(&a.User), PasswordHash: a.PasswordHash, AccessEpoch: a.AccessEpoch}
}

func fromNew(b *api.NewUser) *user.NewAccount {
	return &user.NewAccount{
		ID: b.Id, Email: b.Email, PasswordHash: b.PasswordHash, FullName: b.FullName, Phone: b.Phone,
		Preferences: user.Preferences{
			ExperienceLevel:      convert[string](b.ExperienceLevel),
			LearningGoal:         convert[string](b.LearningGoal),
			PreferredInstruments: value(b.PreferredInstruments),
			BudgetRange:          convert[string](b.BudgetRange),
			AvailableDays:        convertAll[string](value(b.AvailableDays)),
		},
	}
}

func fromUpdate(b *api.UserUpdate) *user.ProfileUpdate {
	return &user.ProfileUpdate{
		FullName:             user.Change[string]{Set: b.FullName != nil, Value: value(b.FullName)},
		Phone:                change(b.Phone),
		ExperienceLevel:      change(b.ExperienceLevel),
		LearningGoal:         change(b.LearningGoal),
		PreferredInstruments: user.Change[[]string]{Set: b.PreferredInstruments != nil, Value: value(b.PreferredInstruments)},
		BudgetRange:          change(b.BudgetRange),
		AvailableDays: user.Change[[]string]{
			Set: b.AvailableDays != nil, Value: convertAll[string](value(b.AvailableDays)),
		},
	}
}

// change reads a field of three states: left out, null, and a value.
func change[T ~string](n nullable.Nullable[T]) user.Change[*string] {
	if !n.IsSpecified() {
		return user.Change[*string]{}
	}
	if n.IsNull() {
		return user.Change[*string]{Set: true}
	}
	text := string(n.MustGet())
	return user.Change[*string]{Set: true, Value: &text}
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

// value returns what the pointer points to, or the zero value.
func value[T any](p *T) T {
	if p == nil {
		var zero T
		return zero
	}
	return *p
}
