package rest

import (
	"github.com/oapi-codegen/nullable"

	userhttp "github.com/shema-music/shema/services/contracts/user/http"
	"github.com/shema-music/shema/services/kit/auth"
	"github.com/shema-music/shema/services/kit/convert"
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
		ExperienceLevel:      convert.Optional[userhttp.ExperienceLevel](u.ExperienceLevel),
		LearningGoal:         convert.Optional[userhttp.LearningGoal](u.LearningGoal),
		PreferredInstruments: u.PreferredInstruments,
		BudgetRange:          convert.Optional[userhttp.BudgetRange](u.BudgetRange),
		AvailableDays:        convert.All[userhttp.Weekday](u.AvailableDays),
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
		PasswordHash: convert.Value(b.PasswordHash),
		FullName:     b.FullName,
		Phone:        b.Phone,
		Role:         auth.Role(convert.Value(b.Role)),
		Language:     user.Language(convert.Value(b.Language)),
		Preferences: user.Preferences{
			ExperienceLevel:      convert.Optional[string](b.ExperienceLevel),
			LearningGoal:         convert.Optional[string](b.LearningGoal),
			PreferredInstruments: convert.Value(b.PreferredInstruments),
			BudgetRange:          convert.Optional[string](b.BudgetRange),
			AvailableDays:        convert.All[string](convert.Value(b.AvailableDays)),
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
		FullName:             user.Change[string]{Set: b.FullName != nil, Value: convert.Value(b.FullName)},
		Phone:                change(b.Phone),
		ExperienceLevel:      change(b.ExperienceLevel),
		LearningGoal:         change(b.LearningGoal),
		PreferredInstruments: user.Change[[]string]{Set: b.PreferredInstruments != nil, Value: convert.Value(b.PreferredInstruments)},
		BudgetRange:          change(b.BudgetRange),
		AvailableDays: user.Change[[]string]{
			Set: b.AvailableDays != nil, Value: convert.All[string](convert.Value(b.AvailableDays)),
		},
		Language:           user.Change[user.Language]{Set: b.Language != nil, Value: user.Language(convert.Value(b.Language))},
		EmailNotifications: user.Change[bool]{Set: b.EmailNotifications != nil, Value: convert.Value(b.EmailNotifications)},
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
