package auth

import (
	"context"
	"time"

	"github.com/google/uuid"

	"github.com/shema-music/shema/services/contracts/errs"
	usererrs "github.com/shema-music/shema/services/contracts/user/errs"
	kitauth "github.com/shema-music/shema/services/kit/auth"
	"github.com/shema-music/shema/services/kit/email"
)

// enoughMails is how long a person should wait who has asked for too many mails.
const enoughMails = 10 * time.Minute

// VerifyEmail says that a mail has arrived, with its token: the address of the account is verified, or the one that was
// asked for becomes the account's. It fails with AUTH_INVALID_MAIL_TOKEN or AUTH_EMAIL_TAKEN.
func (s *Service) VerifyEmail(ctx context.Context, token string, c Client) error {
	var done MailToken

	err := s.take(ctx, token, func(t *MailToken) error {
		done = *t

		address := t.Address
		if t.Kind == MailVerification {
			account, err := s.accounts.ByID(ctx, t.UserID)
			if err != nil {
				return err
			}

			address = account.Email
		}

		return s.accounts.SetEmail(ctx, t.UserID, address)
	}, MailVerification, MailChange)
	if err != nil {
		return noMailTokenIs(err)
	}

	event := EventEmailVerified
	if done.Kind == MailChange {
		event = EventEmailChanged
		// They went to the former address, or ask for another one.
		s.useUp(ctx, done.UserID, MailVerification, MailChange, MailReset)
	}

	s.record(ctx, Entry{Event: event, UserID: &done.UserID, Client: c})

	return nil
}

// ResendVerification sends the mail that verifies one's address once more: not to one that is verified, and at most three
// times an hour.
func (s *Service) ResendVerification(ctx context.Context, p kitauth.Principal) error {
	account, err := s.accounts.ByID(ctx, p.UserID)
	if err != nil {
		return noAccountIs(err, errs.InvalidToken)
	}

	if account.EmailVerifiedAt != nil {
		return nil
	}

	id, err := newLetterID()
	if err != nil {
		return err
	}

	letter, err := s.draft(ctx, Letter{ID: id, Kind: MailVerification, UserID: p.UserID}, verificationTTL, mailsAnHour)
	if err != nil || letter == nil {
		return err
	}

	return noAccountIs(s.accounts.SendLetter(ctx, letter), errs.InvalidToken)
}

// ChangeEmail asks for another address. It becomes the account's when the mail to it is answered. A wrong password gives
// AUTH_INVALID_CREDENTIALS and counts as a guess; another person's address AUTH_EMAIL_TAKEN; a fourth mail within an hour
// RATE_LIMITED.
func (s *Service) ChangeEmail(ctx context.Context, p kitauth.Principal, address, password string, c Client) error {
	address = email.Clean(address)

	account, err := s.verifyPassword(ctx, p.UserID, password, c)
	if err != nil {
		return err
	}

	if err := s.checkFree(ctx, account.ID, address); err != nil {
		return err
	}

	id, err := newLetterID()
	if err != nil {
		return err
	}

	wanted := Letter{ID: id, Kind: MailChange, UserID: account.ID, Address: address}

	letter, err := s.draft(ctx, wanted, verificationTTL, mailsAnHour)
	if err != nil {
		return err
	}

	if letter == nil {
		return errs.RateLimited.After(enoughMails)
	}

	if err := s.accounts.SendLetter(ctx, letter); err != nil {
		return noAccountIs(err, errs.InvalidToken)
	}

	s.record(ctx, s.entry(EventEmailRequested, account.ID, c))

	return nil
}

// checkFree returns AUTH_EMAIL_TAKEN if another person has the address.
func (s *Service) checkFree(ctx context.Context, userID uuid.UUID, address string) error {
	other, err := s.accounts.ByEmail(ctx, address)
	if err != nil {
		return noAccountIs(err, nil)
	}

	if other.ID != userID {
		return usererrs.EmailTaken
	}

	return nil
}
