package auth

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"

	autherrs "github.com/shema-music/shema/services/contracts/auth/errs"
)

// MailKind is what the token of a mail is for.
type MailKind string

// The kinds of tokens.
const (
	MailVerification MailKind = "email_verification"
	MailReset        MailKind = "password_reset"
	MailInvitation   MailKind = "invitation"
	MailChange       MailKind = "email_change"
)

// How long the tokens live.
const (
	resetTTL        = time.Hour
	invitationTTL   = 72 * time.Hour
	verificationTTL = 7 * 24 * time.Hour
	// MailTokensKept is how long a token is kept after it has expired, to tell what was asked for when.
	MailTokensKept = 7 * 24 * time.Hour
)

const (
	// mailsAnHour is how many mails of one kind a person gets within MailWindow.
	mailsAnHour = 3
	// MailWindow is the hour.
	MailWindow  = time.Hour
	purposeMail = "mail"
)

// MailTokenHash is what is kept of a token.
type MailTokenHash [sha256.Size]byte

// HashMailToken returns the hash of a token, which may be anything that a client sent.
func HashMailToken(token string) MailTokenHash { return sha256.Sum256([]byte(token)) }

// MailToken is a token as it is kept.
type MailToken struct {
	Hash      MailTokenHash
	LetterID  uuid.UUID
	Kind      MailKind
	UserID    uuid.UUID
	Address   string // of MailChange alone
	ExpiresAt time.Time
}

// MailTokenUse is what is kept of a token besides its hash: what it was for, and when.
type MailTokenUse struct {
	Kind MailKind
	// Address is the one that an e-mail address is to be replaced with, while that has not happened.
	Address   *string
	CreatedAt time.Time
	ExpiresAt time.Time
	UsedAt    *time.Time
}

// MailTokens keep the tokens of mails, as hashes. Their time is the store's.
type MailTokens interface {
	// Add keeps a token for ttl unless the person has got limit of its kind within MailWindow (0: no limit), or has left
	// the school. The expiry is filled in; added says whether it is kept. Adding it again changes nothing.
	Add(ctx context.Context, t *MailToken, ttl time.Duration, limit int) (added bool, err error)
	// Peek returns a token of one of the kinds that works. It and Take fail with ErrNoMailToken.
	Peek(ctx context.Context, h MailTokenHash, kinds ...MailKind) (*MailToken, error)
	// Take uses a token of one of the kinds up: of those who try at once one succeeds.
	Take(ctx context.Context, h MailTokenHash, kinds ...MailKind) (*MailToken, error)
	// GiveBack lets a taken token work again, because what it was for could not be done.
	GiveBack(ctx context.Context, t *MailToken) error
	// UseUp ends all tokens of the person of these kinds.
	UseUp(ctx context.Context, userID uuid.UUID, kinds ...MailKind) error
	// Uses returns what is kept of the person's tokens, oldest first.
	Uses(ctx context.Context, userID uuid.UUID) ([]MailTokenUse, error)
}

// mailToken returns the token that a letter has: the same for the same letter, and not to be guessed without the secret, so
// that a letter can be sent again though only the hash is kept.
func (k *Tokens) mailToken(letterID uuid.UUID) string {
	return base64.RawURLEncoding.EncodeToString(k.mac(purposeMail, letterID[:]))
}

// draft keeps a token for the person, and returns the letter that brings it; nil if there have been enough of them.
func (s *Service) draft(ctx context.Context, letter Letter, ttl time.Duration, limit int) (*Letter, error) {
	letter.Token = s.tokens.mailToken(letter.ID)
	kept := &MailToken{
		Hash:     HashMailToken(letter.Token),
		LetterID: letter.ID,
		Kind:     letter.Kind,
		UserID:   letter.UserID,
		Address:  letter.Address,
	}

	added, err := s.mails.Add(ctx, kept, ttl, limit)
	if err != nil || !added {
		return nil, err
	}

	letter.ExpiresAt = kept.ExpiresAt

	return &letter, nil
}

// take uses a token up and does what it is for. If that fails the token works again.
func (s *Service) take(ctx context.Context, token string, do func(t *MailToken) error, kinds ...MailKind) error {
	t, err := s.mails.Take(ctx, HashMailToken(token), kinds...)
	if err != nil {
		return noMailTokenIs(err)
	}

	err = do(t)
	if err == nil {
		return nil
	}

	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), settleTimeout)
	defer cancel()

	if failure := s.mails.GiveBack(ctx, t); failure != nil {
		s.log.WarnContext(ctx, "a token of a mail is used up though nothing was done", "user_id", t.UserID, "error", failure)
	}

	return err
}

// useUp ends tokens that must not work any more after what has happened already.
func (s *Service) useUp(ctx context.Context, userID uuid.UUID, kinds ...MailKind) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), settleTimeout)
	defer cancel()

	if err := s.mails.UseUp(ctx, userID, kinds...); err != nil {
		s.log.ErrorContext(ctx, "tokens of former mails still work", "user_id", userID, "error", err)
	}
}

func newLetterID() (uuid.UUID, error) {
	id, err := uuid.NewV7()
	if err != nil {
		return uuid.Nil, fmt.Errorf("make the id of a letter: %w", err)
	}

	return id, nil
}

// noMailTokenIs gives a token that does not work, and a person who has left, the meaning that they have for the caller.
func noMailTokenIs(err error) error {
	if errors.Is(err, ErrNoMailToken) || errors.Is(err, ErrNoAccount) {
		return autherrs.InvalidMailToken
	}

	return err
}
