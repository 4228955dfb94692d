package rest

import (
	"context"

	"github.com/shema-music/shema/services/kit/errs"
	"github.com/shema-music/shema/services/kit/request"
	"github.com/shema-music/shema/services/user/api"
	"github.com/shema-music/shema/services/user/internal/user"
)

// LookupUsers answers with those of the people who exist.
func (h *Handlers) LookupUsers(ctx context.Context, r api.LookupUsersRequestObject) (api.LookupUsersResponseObject, error) {
	users, err := h.users.GetMany(ctx, r.Params.Ids)
	if err != nil {
		return nil, err
	}
	return api.LookupUsers200JSONResponse{Items: allToAPI(users)}, nil
}

// CreateUser creates a student, who is written to in the language of the request.
func (h *Handlers) CreateUser(ctx context.Context, r api.CreateUserRequestObject) (api.CreateUserResponseObject, error) {
	n := fromNew(r.Body)
	n.Language = user.Language(errs.PreferredLanguage(request.From(ctx).AcceptLanguage))
	a, err := h.users.Register(ctx, n)
	if err != nil {
		return nil, err
	}
	return api.CreateUser201JSONResponse(toAccount(&a)), nil
}

// LookupAccount answers with a person and the password hash.
func (h *Handlers) LookupAccount(ctx context.Context, r api.LookupAccountRequestObject) (api.LookupAccountResponseObject, error) {
	if (r.Body.Email == nil) == (r.Body.Id == nil) {
		return nil, errs.Invalid(errs.Field{Name: "id", Message: errs.Text{
			English: "or email must be given, and not both", Indonesian: "atau email harus diisi, dan tidak keduanya",
		}})
	}
	var a user.Account
	var err error
	if r.Body.Id != nil {
		a, err = h.users.Account(ctx, *r.Body.Id)
	} else {
		a, err = h.users.AccountByEmail(ctx, *r.Body.Email)
	}
	if err != nil {
		return nil, err
	}
	return api.LookupAccount200JSONResponse(toAccount(&a)), nil
}

// SetPassword replaces the password hash.
func (h *Handlers) SetPassword(ctx context.Context, r api.SetPasswordRequestObject) (api.SetPasswordResponseObject, error) {
	if err := h.users.SetPassword(ctx, r.Id, r.Body.PasswordHash); err != nil {
		return nil, err
	}
	return api.SetPassword204Response{}, nil
}

// RecordLogin notes that the person has signed in now, and answers with the account.
func (h *Handlers) RecordLogin(ctx context.Context, r api.RecordLoginRequestObject) (api.RecordLoginResponseObject, error) {
	a, err := h.users.RecordLogin(ctx, r.Id)
	if err != nil {
		return nil, err
	}
	return api.RecordLogin200JSONResponse(toAccount(&a)), nil
}
