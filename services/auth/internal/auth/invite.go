package auth

import (
	"context"
	"fmt"

	"github.com/google/uuid"

	kitauth "github.com/shema-music/shema/services/kit/auth"
	"github.com/shema-music/shema/services/kit/email"
)

// Invitation is whom an admin invites. Language may be empty.
type Invitation struct {
	Email    string
	FullName string
	Role     kitauth.Role
	Language string
}

// Invite creates a person without a password, who sets one with the token of a mail. It fails with AUTH_EMAIL_TAKEN.
func (s *Service) Invite(ctx context.Context, by kitauth.Principal, i Invitation, c Client) (*User, error) {
	id, err := uuid.NewV7()
	if err != nil {
		return nil, fmt.Errorf("make a user id: %w", err)
	}

	account, err := s.create(ctx, &NewAccount{
		ID:       id,
		Email:    email.Clean(i.Email),
		FullName: i.FullName,
		Role:     i.Role,
		Language: i.Language,
	}, MailInvitation)
	if err != nil {
		return nil, err
	}

	s.record(ctx, Entry{
		Event:   EventInvited,
		ActorID: &by.UserID,
		UserID:  &account.ID,
		Client:  c,
		Details: Details{Role: string(i.Role)},
	})

	return &account.User, nil
}

// create creates a person together with the mail that they get. The token is kept first: a mail whose token we don't know
// would be worse than a token without a mail, which goes by itself.
func (s *Service) create(ctx context.Context, n *NewAccount, kind MailKind) (*Account, error) {
	letterID, err := newLetterID()
	if err != nil {
		return nil, err
	}

	ttl := verificationTTL
	if kind == MailInvitation {
		ttl = invitationTTL
	}

	n.Letter, err = s.draft(ctx, Letter{ID: letterID, Kind: kind, UserID: n.ID}, ttl, 0)
	if err != nil {
		return nil, err
	}

	return s.accounts.Create(ctx, n)
}
