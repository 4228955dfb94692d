package rest

import (
	"github.com/google/uuid"

	"github.com/shema-music/shema/services/auth/internal/auth"
	authhttp "github.com/shema-music/shema/services/contracts/auth/http"
	"github.com/shema-music/shema/services/kit/convert"
)

func toUser(u *auth.User) authhttp.User {
	return authhttp.User{
		Id:                   u.ID,
		Email:                u.Email,
		FullName:             u.FullName,
		Phone:                u.Phone,
		Role:                 authhttp.Role(u.Role),
		Status:               authhttp.UserStatus(u.Status),
		ExperienceLevel:      convert.Optional[authhttp.ExperienceLevel](u.ExperienceLevel),
		LearningGoal:         convert.Optional[authhttp.LearningGoal](u.LearningGoal),
		PreferredInstruments: append([]string{}, u.PreferredInstruments...),
		BudgetRange:          convert.Optional[authhttp.BudgetRange](u.BudgetRange),
		AvailableDays:        convert.All[authhttp.Weekday](u.AvailableDays),
		LastLoginAt:          u.LastLoginAt,
		CreatedAt:            u.CreatedAt,
		EmailVerifiedAt:      u.EmailVerifiedAt,
		Language:             authhttp.Language(u.Language),
		EmailNotifications:   u.EmailNotifications,
	}
}

func fromRegistration(b *authhttp.Registration) *auth.Registration {
	r := &auth.Registration{Password: b.Password, Profile: auth.NewAccount{
		Email:    b.Email,
		FullName: b.FullName,
		Phone:    b.Phone,
		Preferences: auth.Preferences{
			ExperienceLevel: convert.Optional[string](b.ExperienceLevel),
			LearningGoal:    convert.Optional[string](b.LearningGoal),
			BudgetRange:     convert.Optional[string](b.BudgetRange),
		},
	}}
	if b.PreferredInstruments != nil {
		r.Profile.PreferredInstruments = *b.PreferredInstruments
	}

	if b.AvailableDays != nil {
		r.Profile.AvailableDays = convert.All[string](*b.AvailableDays)
	}

	return r
}

// toOpenSessions converts sessions; current is the one of the request.
func toOpenSessions(sessions []auth.Session, current uuid.UUID) []authhttp.OpenSession {
	items := make([]authhttp.OpenSession, len(sessions))
	for i, s := range sessions {
		items[i] = authhttp.OpenSession{
			Id:         s.ID,
			Ip:         s.IP,
			UserAgent:  s.UserAgent,
			CreatedAt:  s.CreatedAt,
			LastUsedAt: s.LastUsedAt,
			Current:    s.ID == current,
		}
	}

	return items
}

func toAuditEntry(l *auth.AuditLine) authhttp.AuditEntry {
	return authhttp.AuditEntry{
		Id:        l.ID,
		At:        l.At,
		Event:     authhttp.AuditEvent(l.Event),
		ActorId:   l.ActorID,
		ActorName: l.ActorName,
		UserId:    l.UserID,
		UserName:  l.UserName,
		Ip:        l.IP,
		UserAgent: l.UserAgent,
		RequestId: l.RequestID,
		Details: authhttp.AuditEntry_Details{
			BookingId: l.Details.BookingID,
			SessionId: l.Details.SessionID,
			Role:      convert.Given[authhttp.Role](l.Details.Role),
			Status:    convert.Given[authhttp.UserStatus](l.Details.Status),
			Reason:    convert.Given[string](l.Details.Reason),
		},
	}
}
