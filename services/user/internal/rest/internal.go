package rest

import (
	"context"

	"github.com/shema-music/shema/services/contracts/errs"
	userhttp "github.com/shema-music/shema/services/contracts/user/http"
	"github.com/shema-music/shema/services/kit/convert"
	"github.com/shema-music/shema/services/kit/request"
	"github.com/shema-music/shema/services/user/internal/user"
)

// LookupUsers answers with those of the people who exist.
func (h *Handlers) LookupUsers(ctx context.Context, r userhttp.LookupUsersRequestObject) (userhttp.LookupUsersResponseObject, error) {
	users, err := h.users.GetMany(ctx, r.Params.Ids)
	if err != nil {
		return nil, err
	}

	return userhttp.LookupUsers200JSONResponse{Items: allToAPI(users)}, nil
}

// CreateUser creates a person, who is written to in the language of the request unless it names another.
func (h *Handlers) CreateUser(ctx context.Context, r userhttp.CreateUserRequestObject) (userhttp.CreateUserResponseObject, error) {
	n := fromNew(r.Body)
	if n.Language == "" {
		n.Language = user.Language(errs.PreferredLanguage(request.From(ctx).AcceptLanguage))
	}

	a, err := h.users.Create(ctx, n)
	if err != nil {
		return nil, err
	}

	return userhttp.CreateUser201JSONResponse(toAccount(&a)), nil
}

// LookupAccount answers with a person and the password hash.
func (h *Handlers) LookupAccount(ctx context.Context, r userhttp.LookupAccountRequestObject) (userhttp.LookupAccountResponseObject, error) {
	if (r.Body.Email == nil) == (r.Body.Id == nil) {
		return nil, errs.Invalid(errs.Field{Name: "id", Message: errs.Text{
			English: "or email must be given, and not both", Indonesian: "atau email harus diisi, dan tidak keduanya",
		}})
	}

	var (
		a   user.Account
		err error
	)
	if r.Body.Id != nil {
		a, err = h.users.Account(ctx, *r.Body.Id)
	} else {
		a, err = h.users.AccountByEmail(ctx, *r.Body.Email)
	}

	if err != nil {
		return nil, err
	}

	return userhttp.LookupAccount200JSONResponse(toAccount(&a)), nil
}

// SetPassword replaces the password hash.
func (h *Handlers) SetPassword(ctx context.Context, r userhttp.SetPasswordRequestObject) (userhttp.SetPasswordResponseObject, error) {
	if err := h.users.SetPassword(ctx, r.Id, r.Body.PasswordHash, convert.Value(r.Body.EmailVerified)); err != nil {
		return nil, err
	}

	return userhttp.SetPassword204Response{}, nil
}

// RecordLogin notes that the person has signed in now, and answers with the account.
func (h *Handlers) RecordLogin(ctx context.Context, r userhttp.RecordLoginRequestObject) (userhttp.RecordLoginResponseObject, error) {
	a, err := h.users.RecordLogin(ctx, r.Id)
	if err != nil {
		return nil, err
	}

	return userhttp.RecordLogin200JSONResponse(toAccount(&a)), nil
}
