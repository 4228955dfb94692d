package rest

import (
	"github.com/oapi-codegen/nullable"

	userhttp "github.com/shema-music/shema/services/contracts/user/http"
	"github.com/shema-music/shema/services/kit/auth"
	"github.com/shema-music/shema/services/user/internal/user"
)

func toAPI(u *user.User) userhttp.User {
	return userhttp.User{
		Id:                   u.ID,
		Email:                u.Email,
		FullName:             u.FullName,
		Phone:                u.Phone,
		Role:                 userhttp.Role(u.Role),
		Status:               userhttp.UserStatus(u.Status),
		ExperienceLevel:      convert[userhttp.ExperienceLevel](u.ExperienceLevel),
		LearningGoal:         convert[userhttp.LearningGoal](u.LearningGoal),
		PreferredInstruments: u.PreferredInstruments,
		BudgetRange:          convert[userhttp.BudgetRange](u.BudgetRange),
		AvailableDays:        convertAll[userhttp.Weekday](u.AvailableDays),
		LastLoginAt:          u.LastLoginAt,
		CreatedAt:            u.CreatedAt,
		EmailVerifiedAt:      u.EmailVerifiedAt,
		Language:             userhttp.Language(u.Language),
		EmailNotifications:   u.EmailNotifications,
	}
}

func allToAPI(users []user.User) []userhttp.User {
	items := make([]userhttp.User, len(users))
	for i := range users {
		items[i] = toAPI(&users[i])
	}

	return items
}

func toAccount(a *user.Account) userhttp.Account {
	return userhttp.Account{User: toAPI(&a.User), PasswordHash: a.PasswordHash, AccessEpoch: a.AccessEpoch}
}

func fromNew(b *userhttp.NewUser) *user.NewAccount {
	n := &user.NewAccount{
		ID:           b.Id,
		Email:        b.Email,
		PasswordHash: value(b.PasswordHash),
		FullName:     b.FullName,
		Phone:        b.Phone,
		Role:         auth.Role(value(b.Role)),
		Language:     user.Language(value(b.Language)),
		Preferences: user.Preferences{
			ExperienceLevel:      convert[string](b.ExperienceLevel),
			LearningGoal:         convert[string](b.LearningGoal),
			PreferredInstruments: value(b.PreferredInstruments),
			BudgetRange:          convert[string](b.BudgetRange),
			AvailableDays:        convertAll[string](value(b.AvailableDays)),
		},
	}
	if l := b.Letter; l != nil {
		n.Letter = &user.Letter{
			ID:        l.Id,
			Kind:      user.LetterKind(l.Kind),
			UserID:    b.Id,
			Token:     l.Token,
			ExpiresAt: &l.ExpiresAt,
		}
	}

	return n
}

func fromUpdate(b *userhttp.UserUpdate) *user.ProfileUpdate {
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
		Language:           user.Change[user.Language]{Set: b.Language != nil, Value: user.Language(value(b.Language))},
		EmailNotifications: user.Change[bool]{Set: b.EmailNotifications != nil, Value: value(b.EmailNotifications)},
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
