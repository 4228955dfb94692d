package user

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"

	"github.com/google/uuid"
)

// secretBytes make an address that no search finds.
const secretBytes = 32

// NewCalendarSecret makes the secret of a person's calendar, as it stands in the address; a former one ends. Only its hash
// is kept.
func (s *Service) NewCalendarSecret(ctx context.Context, id uuid.UUID) (string, error) {
	var random [secretBytes]byte

	_, _ = rand.Read(random[:]) // never fails
	secret := base64.RawURLEncoding.EncodeToString(random[:])
	hash := sha256.Sum256([]byte(secret))

	return secret, s.store.SetCalendarSecret(ctx, id, hash[:])
}

// EndCalendar ends the address of a person's calendar, if there is one.
func (s *Service) EndCalendar(ctx context.Context, id uuid.UUID) error {
	return s.store.SetCalendarSecret(ctx, id, nil)
}

// CalendarOwner returns whose calendar has the secret with that SHA-256, or errs.NotFound.
func (s *Service) CalendarOwner(ctx context.Context, hash []byte) (User, error) {
	return s.store.ByCalendarSecret(ctx, hash)
}
