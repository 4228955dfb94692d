package rest

import (
	"context"

	"github.com/shema-music/shema/services/auth/internal/auth"
	authhttp "github.com/shema-music/shema/services/contracts/auth/http"
	kitauth "github.com/shema-music/shema/services/kit/auth"
)

// ForgotPassword asks for a mail with which a new password can be set; the answer says nothing.
func (h *Handlers) ForgotPassword(ctx context.Context, r authhttp.ForgotPasswordRequestObject) (authhttp.ForgotPasswordResponseObject, error) {
	if err := h.auth.Forgot(ctx, r.Body.Email, clientOf(ctx)); err != nil {
		return nil, err
	}

	return authhttp.ForgotPassword202JSONResponse{}, nil
}

// ResetPassword sets a new password with the token of a mail.
func (h *Handlers) ResetPassword(ctx context.Context, r authhttp.ResetPasswordRequestObject) (authhttp.ResetPasswordResponseObject, error) {
	if err := h.auth.Reset(ctx, r.Body.Token, r.Body.NewPassword, clientOf(ctx)); err != nil {
		return nil, err
	}

	return authhttp.ResetPassword204Response{}, nil
}

// VerifyEmail says that a mail has arrived.
func (h *Handlers) VerifyEmail(ctx context.Context, r authhttp.VerifyEmailRequestObject) (authhttp.VerifyEmailResponseObject, error) {
	if err := h.auth.VerifyEmail(ctx, r.Body.Token, clientOf(ctx)); err != nil {
		return nil, err
	}

	return authhttp.VerifyEmail204Response{}, nil
}

// ResendVerification sends the mail that verifies one's address once more.
func (h *Handlers) ResendVerification(
	ctx context.Context, _ authhttp.ResendVerificationRequestObject,
) (authhttp.ResendVerificationResponseObject, error) {
	p, err := kitauth.SignedIn(ctx)
	if err != nil {
		return nil, err
	}

	if err := h.auth.ResendVerification(ctx, p); err != nil {
		return nil, err
	}

	return authhttp.ResendVerification202JSONResponse{}, nil
}

// ChangeEmail asks for another address.
func (h *Handlers) ChangeEmail(ctx context.Context, r authhttp.ChangeEmailRequestObject) (authhttp.ChangeEmailResponseObject, error) {
	p, err := kitauth.SignedIn(ctx)
	if err != nil {
		return nil, err
	}

	if err := h.auth.ChangeEmail(ctx, p, r.Body.NewEmail, r.Body.CurrentPassword, clientOf(ctx)); err != nil {
		return nil, err
	}

	return authhttp.ChangeEmail202JSONResponse{}, nil
}

// InviteUser creates a person, who sets a password with the token of a mail.
func (h *Handlers) InviteUser(ctx context.Context, r authhttp.InviteUserRequestObject) (authhttp.InviteUserResponseObject, error) {
	p, err := kitauth.SignedIn(ctx)
	if err != nil {
		return nil, err
	}

	invitation := auth.Invitation{
		Email:    r.Body.Email,
		FullName: r.Body.FullName,
		Role:     kitauth.Role(r.Body.Role),
	}
	if r.Body.Language != nil {
		invitation.Language = string(*r.Body.Language)
	}

	invited, err := h.auth.Invite(ctx, p, invitation, clientOf(ctx))
	if err != nil {
		return nil, err
	}

	return authhttp.InviteUser201JSONResponse(toUser(invited)), nil
}
