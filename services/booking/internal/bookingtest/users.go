package bookingtest

import (
	"context"
	"net/http"
	"sync"
	"testing"

	"github.com/google/uuid"

	userhttp "github.com/shema-music/shema/services/contracts/user/http"
	"github.com/shema-music/shema/services/kit/httpserver"
)

// Users is a user service in memory.
type Users struct {
	userhttp.StrictServerInterface

	mu     sync.Mutex
	people map[uuid.UUID]userhttp.User
}

// NewUsers returns a user service without people.
func NewUsers() *Users { return &Users{people: map[uuid.UUID]userhttp.User{}} }

// Add makes a person with that id.
func (u *Users) Add(id uuid.UUID, name string) {
	u.mu.Lock()
	defer u.mu.Unlock()

	u.people[id] = userhttp.User{
		Id:                   id,
		FullName:             name,
		Email:                name + "@example.com",
		Phone:                new("+62 812 3456"),
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

func (u *Users) server(t *testing.T) http.Handler {
	t.Helper()

	spec, err := userhttp.GetSpec()
	must(t, err)
	server := NewServer(t, UserID, spec, nil)
	strict := userhttp.NewStrictHandlerWithOptions(u, nil, httpserver.StrictOptions[userhttp.StrictGinServerOptions]())
	userhttp.RegisterHandlersWithOptions(server.Engine(), strict, httpserver.GinOptions[userhttp.GinServerOptions]())

	return server.Engine()
}
