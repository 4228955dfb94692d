package clients

import (
	"context"
	"errors"
	"fmt"
	"net/http"

	"github.com/google/uuid"

	"github.com/shema-music/shema/services/booking/internal/booking"
	"github.com/shema-music/shema/services/contracts/errs"
	userhttp "github.com/shema-music/shema/services/contracts/user/http"
)

// Users implements booking.Users.
type Users struct{ client *userhttp.ClientWithResponses }

// NewUsers returns the user service behind baseURL.
func NewUsers(baseURL string, doer userhttp.HttpRequestDoer) (*Users, error) {
	client, err := userhttp.NewClientWithResponses(baseURL, userhttp.WithHTTPClient(doer))
	if err != nil {
		return nil, fmt.Errorf("set up the client of the user service: %w", err)
	}

	return &Users{client: client}, nil
}

// Lookup implements booking.Users.
func (u *Users) Lookup(ctx context.Context, ids []uuid.UUID) (map[uuid.UUID]booking.Person, error) {
	answer, err := u.client.LookupUsersWithResponse(ctx, &userhttp.LookupUsersParams{Ids: ids})
	if err != nil {
		return nil, unreadable("look up users", err)
	}

	if answer.JSON200 == nil {
		return nil, failure("look up users", errs.FromResponse(answer.StatusCode(), answer.Body))
	}

	found := make(map[uuid.UUID]booking.Person, len(answer.JSON200.Items))
	for _, user := range answer.JSON200.Items {
		found[user.Id] = booking.Person{
			ID:       user.Id,
			FullName: user.FullName,
			Email:    user.Email,
			Phone:    user.Phone,
		}
	}

	return found, nil
}

// Teachers implements booking.Users.
func (u *Users) Teachers(ctx context.Context, emails []string) (map[string]uuid.UUID, error) {
	answer, err := u.client.LookupTeachersWithResponse(ctx, userhttp.TeacherLookup{Emails: emails})
	if err != nil {
		return nil, unreadable("look up teachers", err)
	}

	if answer.JSON200 == nil {
		return nil, failure("look up teachers", errs.FromResponse(answer.StatusCode(), answer.Body))
	}

	accounts := make(map[string]uuid.UUID, len(answer.JSON200.Items))
	for _, item := range answer.JSON200.Items {
		accounts[item.Email] = item.Id
	}

	return accounts, nil
}

// CalendarOwner implements booking.Users.
func (u *Users) CalendarOwner(ctx context.Context, hash string) (booking.CalendarOwner, error) {
	answer, err := u.client.LookupCalendarWithResponse(ctx, userhttp.CalendarLookup{SecretHash: hash})
	if err != nil {
		return booking.CalendarOwner{}, unreadable("look up a calendar", err)
	}

	if answer.JSON200 == nil {
		err := errs.FromResponse(answer.StatusCode(), answer.Body)
		if errors.Is(err, errs.NotFound) {
			return booking.CalendarOwner{}, errs.NotFound
		}

		return booking.CalendarOwner{}, failure("look up a calendar", err)
	}

	return booking.CalendarOwner{
		Viewer: booking.Viewer{
			UserID:  answer.JSON200.UserId,
			Admin:   answer.JSON200.Role == userhttp.Admin,
			Teacher: answer.JSON200.Role == userhttp.Teacher,
		},
		Indonesian: answer.JSON200.Language == "id",
	}, nil
}

// Activate implements booking.Users.
func (u *Users) Activate(ctx context.Context, students []uuid.UUID) error {
	answer, err := u.client.ActivateStudentsWithResponse(ctx, userhttp.UserIds{UserIds: students})
	if err != nil {
		return unreadable("activate students", err)
	}

	return done("activate students", answer.StatusCode(), answer.Body)
}

// ReportErased implements booking.Users.
func (u *Users) ReportErased(ctx context.Context, id uuid.UUID) error {
	answer, err := u.client.ReportErasedWithResponse(ctx, id)
	if err != nil {
		return unreadable("report an erasure", err)
	}

	return done("report an erasure", answer.StatusCode(), answer.Body)
}

// done returns nil for the answer of a call that brings nothing back.
func done(call string, status int, body []byte) error {
	if status < http.StatusMultipleChoices {
		return nil
	}

	return failure(call, errs.FromResponse(status, body))
}
