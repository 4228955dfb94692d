package auth

import (
	"context"
	"errors"

	"github.com/google/uuid"
)

// Jobs are the durable work that no request waits for.
type Jobs interface {
	ForgottenPassword(ctx context.Context, job ForgottenPassword) error
}

// ForgottenPassword is the job that looks whether there is an account, and sends the mail if so.
type ForgottenPassword struct {
	LetterID uuid.UUID `json:"letter_id"`
	Email    string    `json:"email"`
	Client   Client    `json:"client"`
}

// Kind names the job.
func (ForgottenPassword) Kind() string { return "forgotten_password" }

// Forgot asks for a mail with which a new password can be set. Whether there is such an account is not looked at here, so
// that neither the answer nor its time tells.
func (s *Service) Forgot(ctx context.Context, address string, c Client) error {
	id, err := newLetterID()
	if err != nil {
		return err
	}

	return s.jobs.ForgottenPassword(ctx, ForgottenPassword{LetterID: id, Email: address, Client: c})
}

// SendReset does what the job asks for. Doing it again sends the same mail, which is to say none.
func (s *Service) SendReset(ctx context.Context, job ForgottenPassword) error {
	account, err := s.accounts.ByEmail(ctx, job.Email)
	if errors.Is(err, ErrNoAccount) || err == nil && account.Status == Suspended {
		return nil
	}

	if err != nil {
		return err
	}

	letter, err := s.draft(ctx, Letter{ID: job.LetterID, Kind: MailReset, UserID: account.ID}, resetTTL, mailsAnHour)
	if err != nil || letter == nil {
		return err
	}

	if err := s.accounts.SendLetter(ctx, letter); err != nil {
		return noAccountIs(err, nil)
	}

	s.record(ctx, Entry{Event: EventPasswordForgotten, UserID: &account.ID, Client: job.Client})

	return nil
}

// Reset sets a new password with the token of a mail. All sessions end, locks of the address are lifted, and no other
// token of this kind works any more. It fails with AUTH_INVALID_MAIL_TOKEN or AUTH_WEAK_PASSWORD.
func (s *Service) Reset(ctx context.Context, token, password string, c Client) error {
	kinds := []MailKind{MailReset, MailInvitation}

	found, err := s.mails.Peek(ctx, HashMailToken(token), kinds...)
	if err != nil {
		return noMailTokenIs(err)
	}

	account, err := s.accounts.ByID(ctx, found.UserID)
	if err != nil {
		return noMailTokenIs(err)
	}

	if err := CheckNewPassword("new_password", password, account.Email); err != nil {
		return err
	}

	hash, err := s.passwords.Hash(ctx, password)
	if err != nil {
		return err
	}

	err = s.take(ctx, token, func(t *MailToken) error {
		return s.replacePassword(ctx, replacement{userID: t.UserID, hash: hash, byMail: true, client: c})
	}, kinds...)
	if err != nil {
		return noMailTokenIs(err)
	}

	s.useUp(ctx, account.ID, kinds...)

	return s.attempts.Lift(ctx, HashEmail(account.Email))
}
