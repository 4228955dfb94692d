package user

import (
	"context"

	"github.com/google/uuid"

	"github.com/shema-music/shema/services/contracts/errs"
	"github.com/shema-music/shema/services/kit/auth"
	"github.com/shema-music/shema/services/kit/email"
)

// AddressChange is what follows from a verified address.
type AddressChange struct {
	// Letter tells the old address, if it was another one.
	Letter *Letter
	Events []Event
}

// SetEmail notes that the address is verified and the person's own. A former address is told; who gives lessons is bound
// to the address, so that a teacher's change is announced. Repeating it changes nothing. It returns usererrs.NotFound,
// usererrs.EmailTaken, or VALIDATION_FAILED.
func (s *Service) SetEmail(ctx context.Context, id uuid.UUID, address string) (Account, error) {
	address = email.Clean(address)
	if !email.Valid(address) {
		return Account{}, errs.Invalid(errs.Field{Name: "email", Message: badAddress})
	}

	key := email.Fold(address)

	return s.store.SetEmail(ctx, id, address, key, func(before *Account) AddressChange {
		if email.Fold(before.Email) == key {
			return AddressChange{}
		}

		change := AddressChange{Letter: &Letter{
			ID:      uuid.Must(uuid.NewV7()),
			Kind:    LetterEmailChanged,
			UserID:  id,
			Address: before.Email,
		}}

		if before.Role == auth.Teacher {
			same := AccessDecision{Role: before.Role, Status: before.Status, AccessEpoch: before.AccessEpoch}
			change.Events = []Event{accessChanged(before, &same, nil, s.clock.Now())}
		}

		return change
	})
}

// Teachers returns the accounts of the teachers who have these addresses, by the addresses as they were given; others are
// left out.
func (s *Service) Teachers(ctx context.Context, addresses []string) (map[string]uuid.UUID, error) {
	keys := make([]string, len(addresses))
	for i, address := range addresses {
		keys[i] = email.Fold(address)
	}

	byKey, err := s.store.TeachersByEmailKey(ctx, keys)
	if err != nil {
		return nil, err
	}

	teachers := make(map[string]uuid.UUID, len(byKey))

	for i, address := range addresses {
		if id, ok := byKey[keys[i]]; ok {
			teachers[address] = id
		}
	}

	return teachers, nil
}

// SendLetter sends a letter about an account; repeating it with the same id changes nothing. It returns
// usererrs.NotFound.
func (s *Service) SendLetter(ctx context.Context, l *Letter) error { return s.store.AddLetter(ctx, l) }
