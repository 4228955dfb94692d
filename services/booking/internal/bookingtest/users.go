package bookingtest

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"maps"
	"net/http"
	"slices"
	"sync"
	"testing"

	"github.com/google/uuid"

	"github.com/shema-music/shema/services/contracts/errs"
	userhttp "github.com/shema-music/shema/services/contracts/user/http"
	"github.com/shema-music/shema/services/kit/email"
	"github.com/shema-music/shema/services/kit/httpserver"
)

// Users is a user service in memory. It is made by NewUsers.
type Users struct {
	userhttp.StrictServerInterface

	mu        sync.Mutex
	people    map[uuid.UUID]userhttp.User
	calendars map[string]userhttp.CalendarOwner
	notices   map[string]userhttp.Notice
	activated []uuid.UUID
	erased    []uuid.UUID
}

// NewUsers returns a user service without people.
func NewUsers() *Users {
	return &Users{
		people:    map[uuid.UUID]userhttp.User{},
		calendars: map[string]userhttp.CalendarOwner{},
		notices:   map[string]userhttp.Notice{},
	}
}

// Add makes a student with that id.
func (u *Users) Add(id uuid.UUID, name string) { u.add(id, name, userhttp.Student) }

// AddTeacher makes a teacher with that id.
func (u *Users) AddTeacher(id uuid.UUID, name string) { u.add(id, name, userhttp.Teacher) }

func (u *Users) add(id uuid.UUID, name string, role userhttp.Role) {
	u.mu.Lock()
	defer u.mu.Unlock()

	u.people[id] = userhttp.User{
		Id:                   id,
		FullName:             name,
		Email:                name + "@example.com",
		Phone:                new("+62 812 3456"),
		Role:                 role,
		PreferredInstruments: []string{},
		AvailableDays:        []userhttp.Weekday{},
	}
}

// LookupUsers returns the people that there are.
func (u *Users) LookupUsers(_ context.Context, r userhttp.LookupUsersRequestObject) (userhttp.LookupUsersResponseObject, error) {
	u.mu.Lock()
	defer u.mu.Unlock()

	answer := userhttp.LookupUsers200JSONResponse{Items: []userhttp.User{}}
	for _, id := range r.Params.Ids {
		if person, ok := u.people[id]; ok {
			answer.Items = append(answer.Items, person)
		}
	}

	return answer, nil
}

// Publish gives a person a calendar with that secret.
func (u *Users) Publish(secret string, id uuid.UUID, role userhttp.Role) {
	u.mu.Lock()
	defer u.mu.Unlock()

	sum := sha256.Sum256([]byte(secret))
	u.calendars[base64.RawURLEncoding.EncodeToString(sum[:])] = userhttp.CalendarOwner{UserId: id, Role: role, Language: "id"}
}

// LookupCalendar returns whose calendar it is.
func (u *Users) LookupCalendar(_ context.Context, r userhttp.LookupCalendarRequestObject) (userhttp.LookupCalendarResponseObject, error) {
	u.mu.Lock()
	defer u.mu.Unlock()

	owner, ok := u.calendars[r.Body.SecretHash]
	if !ok {
		return nil, errs.NotFound
	}

	return userhttp.LookupCalendar200JSONResponse(owner), nil
}

// LookupTeachers returns the teachers with those addresses, by the addresses as they were given.
func (u *Users) LookupTeachers(_ context.Context, r userhttp.LookupTeachersRequestObject) (userhttp.LookupTeachersResponseObject, error) {
	u.mu.Lock()
	defer u.mu.Unlock()

	answer := userhttp.LookupTeachers200JSONResponse{Items: []userhttp.TeacherAccount{}}
	for _, address := range r.Body.Emails {
		for id, person := range u.people {
			if person.Role == userhttp.Teacher && email.Fold(person.Email) == email.Fold(address) {
				answer.Items = append(answer.Items, userhttp.TeacherAccount{Id: id, Email: address})
			}
		}
	}

	return answer, nil
}

// GiveNotice keeps a notice by its key, with all whom it was given for.
func (u *Users) GiveNotice(_ context.Context, r userhttp.GiveNoticeRequestObject) (userhttp.GiveNoticeResponseObject, error) {
	u.mu.Lock()
	defer u.mu.Unlock()

	notice, told := u.notices[r.Body.Key]
	if !told {
		notice = *r.Body
	}

	if r.Body.UserIds != nil {
		to := slices.Clone(*notice.UserIds)
		for _, id := range *r.Body.UserIds {
			if !slices.Contains(to, id) {
				to = append(to, id)
			}
		}

		notice.UserIds = &to
	}

	u.notices[r.Body.Key] = notice

	return userhttp.GiveNotice204Response{}, nil
}

// Notices returns what was told, by key.
func (u *Users) Notices() map[string]userhttp.Notice {
	u.mu.Lock()
	defer u.mu.Unlock()

	return maps.Clone(u.notices)
}

// ActivateStudents notes who is active.
func (u *Users) ActivateStudents(_ context.Context, r userhttp.ActivateStudentsRequestObject) (userhttp.ActivateStudentsResponseObject, error) {
	u.mu.Lock()
	defer u.mu.Unlock()

	u.activated = append(u.activated, r.Body.UserIds...)

	return userhttp.ActivateStudents204Response{}, nil
}

// Activated returns who was said to have a confirmed booking.
func (u *Users) Activated() []uuid.UUID {
	u.mu.Lock()
	defer u.mu.Unlock()

	return slices.Clone(u.activated)
}

// ReportErased notes who is forgotten.
func (u *Users) ReportErased(_ context.Context, r userhttp.ReportErasedRequestObject) (userhttp.ReportErasedResponseObject, error) {
	u.mu.Lock()
	defer u.mu.Unlock()

	u.erased = append(u.erased, r.UserId)

	return userhttp.ReportErased204Response{}, nil
}

// Erased returns who was said to be forgotten.
func (u *Users) Erased() []uuid.UUID {
	u.mu.Lock()
	defer u.mu.Unlock()

	return slices.Clone(u.erased)
}

func (u *Users) server(t *testing.T) http.Handler {
	t.Helper()

	spec, err := userhttp.GetSpec()
	must(t, err)
	server := NewServer(t, UserID, spec, nil)
	strict := userhttp.NewStrictHandlerWithOptions(u, nil, httpserver.StrictOptions[userhttp.StrictGinServerOptions]())
	userhttp.RegisterHandlersWithOptions(server.Engine(), strict, httpserver.GinOptions[userhttp.GinServerOptions]())

	return server.Engine()
}
