package user

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"time"

	"github.com/google/uuid"

	"github.com/shema-music/shema/services/contracts/apps"
	usererrs "github.com/shema-music/shema/services/contracts/user/errs"
	userevents "github.com/shema-music/shema/services/contracts/user/events"
	"github.com/shema-music/shema/services/kit/email"
)

// keepers are the services that keep something of people and say when they have forgotten it; what this service says of
// itself is that the broker's streams no longer name them.
var keepers = []string{apps.Auth, apps.User, apps.Booking, apps.Chat, apps.Recommendation}

// Erase forgets a person: the row keeps the id, the role and the dates, for statistics; notifications and letters go;
// user.erased tells the other services. Repeating it changes nothing. It returns usererrs.NotFound, or
// usererrs.LastAdmin for the only admin.
func (s *Service) Erase(ctx context.Context, id uuid.UUID) error {
	return s.store.Erase(ctx, id, slices.Clone(keepers), func(a *Account, otherAdmins int) (AccessDecision, error) {
		return decideErasure(a, otherAdmins, s.clock.Now())
	})
}

func decideErasure(a *Account, otherAdmins int, now time.Time) (AccessDecision, error) {
	if isAdmin(a.Role, a.Status) && otherAdmins == 0 {
		return AccessDecision{}, usererrs.LastAdmin
	}

	hash := sha256.Sum256([]byte(email.Fold(a.Email)))
	d := AccessDecision{Role: a.Role, Status: Suspended, AccessEpoch: a.AccessEpoch + 1}
	d.Events = []Event{
		{Topic: userevents.TopicErased, Payload: userevents.Erased{
			EventType: userevents.TypeErased,
			UserID:    a.ID,
			EmailHash: hex.EncodeToString(hash[:]),
			Timestamp: now,
		}},
		accessChanged(a, &d, nil, now),
	}

	return d, nil
}

// ReportErased notes that a service has forgotten the person.
func (s *Service) ReportErased(ctx context.Context, id uuid.UUID, appID string) error {
	return s.store.ReportErased(ctx, id, appID)
}
