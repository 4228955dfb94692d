// Package clients asks the user service for the people.
package clients

import (
	"context"
	"errors"
	"net/http"

	"github.com/google/uuid"

	"github.com/shema-music/shema/services/auth/internal/auth"
	"github.com/shema-music/shema/services/contracts/errs"
	usererrs "github.com/shema-music/shema/services/contracts/user/errs"
	userhttp "github.com/shema-music/shema/services/contracts/user/http"
	"github.com/shema-music/shema/services/kit/serviceclient"
)

// Client implements auth.Accounts.
type Client struct {
	api *userhttp.ClientWithResponses
}

var _ auth.Accounts = (*Client)(nil)

// New returns a client of the user service at the base URL.
func New(baseURL string, doer userhttp.HttpRequestDoer) *Client {
	return &Client{api: serviceclient.New(userhttp.NewClientWithResponses, baseURL, userhttp.WithHTTPClient(doer))}
}

// Create adds a person.
func (c *Client) Create(ctx context.Context, n *auth.NewAccount) (*auth.Account, error) {
	answer, err := c.api.CreateUserWithResponse(ctx, toNewUser(n))

	err = serviceclient.Check("create a person", http.StatusCreated, answer, err, usererrs.EmailTaken, errs.ValidationFailed)
	if err != nil {
		return nil, err
	}

	return known(answer.JSON201)
}

// ByEmail returns the account with that address.
func (c *Client) ByEmail(ctx context.Context, address string) (*auth.Account, error) {
	return c.lookUp(ctx, userhttp.AccountLookup{Email: &address})
}

// ByID returns the account with that id.
func (c *Client) ByID(ctx context.Context, id uuid.UUID) (*auth.Account, error) {
	return c.lookUp(ctx, userhttp.AccountLookup{Id: &id})
}

// Names returns how people are called.
func (c *Client) Names(ctx context.Context, ids []uuid.UUID) (map[uuid.UUID]string, error) {
	answer, err := c.api.LookupUsersWithResponse(ctx, &userhttp.LookupUsersParams{Ids: ids})

	body, err := serviceclient.Result("look up names", answer, err)
	if err != nil {
		return nil, err
	}

	names := make(map[uuid.UUID]string, len(body.Items))
	for _, user := range body.Items {
		names[user.Id] = user.FullName
	}

	return names, nil
}

func (c *Client) lookUp(ctx context.Context, l userhttp.AccountLookup) (*auth.Account, error) {
	answer, err := c.api.LookupAccountWithResponse(ctx, l)
	if err := check("look up an account", http.StatusOK, answer, err); err != nil {
		return nil, err
	}

	return known(answer.JSON200)
}

// SetPassword replaces the password hash.
func (c *Client) SetPassword(ctx context.Context, id uuid.UUID, hash string, emailVerified bool) error {
	body := userhttp.NewPassword{PasswordHash: hash, EmailVerified: &emailVerified}
	answer, err := c.api.SetPasswordWithResponse(ctx, id, body)

	return check("set a password", http.StatusNoContent, answer, err)
}

// SetEmail makes the address, which a mail has reached, the person's.
func (c *Client) SetEmail(ctx context.Context, id uuid.UUID, address string) error {
	answer, err := c.api.SetEmailWithResponse(ctx, id, userhttp.NewEmail{Email: address})

	return check("set an address", http.StatusOK, answer, err, usererrs.EmailTaken)
}

// Erase forgets the person.
func (c *Client) Erase(ctx context.Context, id uuid.UUID) error {
	answer, err := c.api.EraseUserWithResponse(ctx, id)

	return check("erase a person", http.StatusNoContent, answer, err, usererrs.LastAdmin)
}

// ReportErased says that we keep nothing of the person any more.
func (c *Client) ReportErased(ctx context.Context, id uuid.UUID) error {
	answer, err := c.api.ReportErasedWithResponse(ctx, id)

	return check("report an erased person", http.StatusNoContent, answer, err)
}

// SendLetter sends a mail.
func (c *Client) SendLetter(ctx context.Context, l *auth.Letter) error {
	answer, err := c.api.SendLetterWithResponse(ctx, toLetter(l))

	return check("send a letter", http.StatusNoContent, answer, err)
}

// RecordLogin notes a login and returns the account as it is now.
func (c *Client) RecordLogin(ctx context.Context, id uuid.UUID) (*auth.Account, error) {
	answer, err := c.api.RecordLoginWithResponse(ctx, id)
	if err := check("record a login", http.StatusOK, answer, err); err != nil {
		return nil, err
	}

	return known(answer.JSON200)
}

// known converts an account; an answer that is none was cut short on its way.
func known(a *userhttp.Account) (*auth.Account, error) {
	if a == nil {
		return nil, errs.Unavailable.Wrap(errors.New("the user service's answer is no account"))
	}

	return fromAccount(a), nil
}

// check is the platform's policy for answers, with our error for an account that is not there.
func check[A serviceclient.Answer](call string, want int, answer *A, err error, kept ...*errs.Kind) error {
	err = serviceclient.Check(call, want, answer, err, append(kept, usererrs.NotFound)...)
	if errors.Is(err, usererrs.NotFound) {
		return auth.ErrNoAccount
	}

	return err
}
