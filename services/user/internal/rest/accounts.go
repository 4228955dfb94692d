package rest

import (
	"context"

	userhttp "github.com/shema-music/shema/services/contracts/user/http"
	"github.com/shema-music/shema/services/kit/auth"
	"github.com/shema-music/shema/services/kit/convert"
	"github.com/shema-music/shema/services/user/internal/user"
)

// SetEmail makes an address the person's verified one.
func (h *Handlers) SetEmail(ctx context.Context, r userhttp.SetEmailRequestObject) (userhttp.SetEmailResponseObject, error) {
	a, err := h.users.SetEmail(ctx, r.Id, r.Body.Email)
	if err != nil {
		return nil, err
	}

	return userhttp.SetEmail200JSONResponse(toAccount(&a)), nil
}

// EraseUser forgets a person.
func (h *Handlers) EraseUser(ctx context.Context, r userhttp.EraseUserRequestObject) (userhttp.EraseUserResponseObject, error) {
	if err := h.users.Erase(ctx, r.Id); err != nil {
		return nil, err
	}

	return userhttp.EraseUser204Response{}, nil
}

// ReportErased notes that the calling service has forgotten a person.
func (h *Handlers) ReportErased(
	ctx context.Context, r userhttp.ReportErasedRequestObject,
) (userhttp.ReportErasedResponseObject, error) {
	if err := h.users.ReportErased(ctx, r.UserId, auth.CallerFrom(ctx)); err != nil {
		return nil, err
	}

	return userhttp.ReportErased204Response{}, nil
}

// SendLetter sends a mail about an account.
func (h *Handlers) SendLetter(ctx context.Context, r userhttp.SendLetterRequestObject) (userhttp.SendLetterResponseObject, error) {
	err := h.users.SendLetter(ctx, &user.Letter{
		ID:        r.Body.Id,
		Kind:      user.LetterKind(r.Body.Kind),
		UserID:    r.Body.UserId,
		Address:   convert.Value(r.Body.Address),
		Token:     convert.Value(r.Body.Token),
		ExpiresAt: r.Body.ExpiresAt,
	})
	if err != nil {
		return nil, err
	}

	return userhttp.SendLetter204Response{}, nil
}

// LookupTeachers answers with the accounts of teachers by their addresses.
func (h *Handlers) LookupTeachers(
	ctx context.Context, r userhttp.LookupTeachersRequestObject,
) (userhttp.LookupTeachersResponseObject, error) {
	teachers, err := h.users.Teachers(ctx, r.Body.Emails)
	if err != nil {
		return nil, err
	}

	answer := userhttp.LookupTeachers200JSONResponse{Items: make([]userhttp.TeacherAccount, 0, len(teachers))}
	for address, id := range teachers {
		answer.Items = append(answer.Items, userhttp.TeacherAccount{Email: address, Id: id})
	}

	return answer, nil
}

// ActivateStudents makes those of the people active who are pending students.
func (h *Handlers) ActivateStudents(
	ctx context.Context, r userhttp.ActivateStudentsRequestObject,
) (userhttp.ActivateStudentsResponseObject, error) {
	if err := h.users.Activate(ctx, r.Body.UserIds); err != nil {
		return nil, err
	}

	return userhttp.ActivateStudents204Response{}, nil
}
