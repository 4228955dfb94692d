package clients

import (
	"context"
	"net/http"

	"github.com/google/uuid"

	"github.com/shema-music/shema/services/booking/internal/booking"
	"github.com/shema-music/shema/services/contracts/errs"
	userhttp "github.com/shema-music/shema/services/contracts/user/http"
	"github.com/shema-music/shema/services/kit/serviceclient"
)

// Users implements booking.Users.
type Users struct{ client *userhttp.ClientWithResponses }

// NewUsers returns the user service behind baseURL.
func NewUsers(baseURL string, doer userhttp.HttpRequestDoer) *Users {
	return &Users{client: serviceclient.New(userhttp.NewClientWithResponses, baseURL, userhttp.WithHTTPClient(doer))}
}

// Lookup implements booking.Users.
func (u *Users) Lookup(ctx context.Context, ids []uuid.UUID) (map[uuid.UUID]booking.Person, error) {
	answer, err := u.client.LookupUsersWithResponse(ctx, &userhttp.LookupUsersParams{Ids: ids})

	body, err := serviceclient.Result("look up users", answer, err)
	if err != nil {
		return nil, err
	}

	found := make(map[uuid.UUID]booking.Person, len(body.Items))
	for _, user := range body.Items {
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

	body, err := serviceclient.Result("look up teachers", answer, err)
	if err != nil {
		return nil, err
	}

	accounts := make(map[string]uuid.UUID, len(body.Items))
	for _, item := range body.Items {
		accounts[item.Email] = item.Id
	}

	return accounts, nil
}

// CalendarOwner implements booking.Users.
func (u *Users) CalendarOwner(ctx context.Context, hash string) (booking.CalendarOwner, error) {
	answer, err := u.client.LookupCalendarWithResponse(ctx, userhttp.CalendarLookup{SecretHash: hash})

	body, err := serviceclient.Result("look up a calendar", answer, err, errs.NotFound)
	if err != nil {
		return booking.CalendarOwner{}, err
	}

	return booking.CalendarOwner{
		Viewer: booking.Viewer{
			UserID:  body.UserId,
			Admin:   body.Role == userhttp.Admin,
			Teacher: body.Role == userhttp.Teacher,
		},
		Indonesian: body.Language == "id",
	}, nil
}

// Activate implements booking.Users.
func (u *Users) Activate(ctx context.Context, students []uuid.UUID) error {
	answer, err := u.client.ActivateStudentsWithResponse(ctx, userhttp.UserIds{UserIds: students})

	return serviceclient.Check("activate students", http.StatusNoContent, answer, err)
}

// ReportErased implements booking.Users.
func (u *Users) ReportErased(ctx context.Context, id uuid.UUID) error {
	answer, err := u.client.ReportErasedWithResponse(ctx, id)

	return serviceclient.Check("report an erasure", http.StatusNoContent, answer, err)
}
