// Package clients asks the user service for the people.
package clients

import (
	"context"
	"errors"
	"fmt"
	"net/http"

	"github.com/google/uuid"

	"github.com/shema-music/shema/services/auth/internal/auth"
	"github.com/shema-music/shema/services/contracts/errs"
	userhttp "github.com/shema-music/shema/services/contracts/user/http"
)

// codeNotFound is the user service's answer for nobody.
const codeNotFound = "USER_NOT_FOUND"

// Client implements auth.Accounts.
type Client struct {
	api userhttp.ClientWithResponsesInterface
}

var _ auth.Accounts = (*Client)(nil)

// New returns a client of the user service at the base URL.
func New(baseURL string, doer userhttp.HttpRequestDoer) (*Client, error) {
	client, err := userhttp.NewClientWithResponses(baseURL, userhttp.WithHTTPClient(doer))
	if err != nil {
		return nil, fmt.Errorf("set up the client of the user service: %w", err)
	}

	return &Client{api: client}, nil
}

// Create adds a student.
func (c *Client) Create(ctx context.Context, n *auth.NewAccount) (*auth.Account, error) {
	r, err := c.api.CreateUserWithResponse(ctx, toNewUser(n))
	if err != nil {
		return nil, err
	}

	return answer(r.JSON201, r.StatusCode(), r.Body)
}

// ByEmail returns the account with that address.
func (c *Client) ByEmail(ctx context.Context, address string) (*auth.Account, error) {
	return c.lookUp(ctx, userhttp.AccountLookup{Email: &address})
}

// ByID returns the account with that id.
func (c *Client) ByID(ctx context.Context, id uuid.UUID) (*auth.Account, error) {
	return c.lookUp(ctx, userhttp.AccountLookup{Id: &id})
}

func (c *Client) lookUp(ctx context.Context, l userhttp.AccountLookup) (*auth.Account, error) {
	r, err := c.api.LookupAccountWithResponse(ctx, l)
	if err != nil {
		return nil, err
	}

	return answer(r.JSON200, r.StatusCode(), r.Body)
}

// SetPassword replaces the password hash.
func (c *Client) SetPassword(ctx context.Context, id uuid.UUID, hash string, emailVerified bool) error {
	body := userhttp.NewPassword{PasswordHash: hash, EmailVerified: &emailVerified}

	r, err := c.api.SetPasswordWithResponse(ctx, id, body)
	if err != nil {
		return err
	}

	return done(r.StatusCode(), r.Body)
}

// SetEmail makes the address, which a mail has reached, the person's.
func (c *Client) SetEmail(ctx context.Context, id uuid.UUID, address string) error {
	r, err := c.api.SetEmailWithResponse(ctx, id, userhttp.NewEmail{Email: address})
	if err != nil {
		return err
	}

	_, err = answer(r.JSON200, r.StatusCode(), r.Body)

	return err
}

// Erase forgets the person.
func (c *Client) Erase(ctx context.Context, id uuid.UUID) error {
	r, err := c.api.EraseUserWithResponse(ctx, id)
	if err != nil {
		return err
	}

	return done(r.StatusCode(), r.Body)
}

// ReportErased says that we keep nothing of the person any more.
func (c *Client) ReportErased(ctx context.Context, id uuid.UUID) error {
	r, err := c.api.ReportErasedWithResponse(ctx, id)
	if err != nil {
		return err
	}

	return done(r.StatusCode(), r.Body)
}

// SendLetter sends a mail.
func (c *Client) SendLetter(ctx context.Context, l *auth.Letter) error {
	r, err := c.api.SendLetterWithResponse(ctx, toLetter(l))
	if err != nil {
		return err
	}

	return done(r.StatusCode(), r.Body)
}

// RecordLogin notes a login and returns the account as it is now.
func (c *Client) RecordLogin(ctx context.Context, id uuid.UUID) (*auth.Account, error) {
	r, err := c.api.RecordLoginWithResponse(ctx, id)
	if err != nil {
		return nil, err
	}

	return answer(r.JSON200, r.StatusCode(), r.Body)
}

// done is for operations that answer with nothing.
func done(status int, body []byte) error {
	if status == http.StatusNoContent {
		return nil
	}

	return failure(status, body)
}

func answer(a *userhttp.Account, status int, body []byte) (*auth.Account, error) {
	if a != nil {
		return fromAccount(a), nil
	}

	return nil, failure(status, body)
}

func failure(status int, body []byte) error {
	err := errs.FromResponse(status, body)

	var e *errs.Error
	if errors.As(err, &e) && e.Kind.Code() == codeNotFound {
		return auth.ErrNoAccount
	}

	return err
}
