package bookingtest

import (
	"context"
	"net/http"
	"sync"
	"testing"

	"github.com/google/uuid"

	"github.com/shema-music/shema/services/kit/httpserver"
	userapi "github.com/shema-music/shema/services/user/api"
)

// Users is a user service in memory.
type Users struct {
	userapi.StrictServerInterface

	mu     sync.Mutex
	people map[uuid.UUID]userapi.User
}

// NewUsers returns a user service without people.
func NewUsers() *Users { return &Users{people: map[uuid.UUID]userapi.User{}} }

// Add makes a person with that id.
func (u *Users) Add(id uuid.UUID, name string) {
	u.mu.Lock()
	defer u.mu.Unlock()
	u.people[id] = userapi.User{Id: id, FullName: name, PreferredInstruments: []string{}, AvailableDays: []userapi.Weekday{}}
}

// LookupUsers returns the people that there are.
func (u *Users) LookupUsers(_ context.Context, r userapi.LookupUsersRequestObject) (userapi.LookupUsersResponseObject, error) {
	u.mu.Lock()
	defer u.mu.Unlock()
	answer := userapi.LookupUsers200JSONResponse{Items: []userapi.User{}}
	for _, id := range r.Params.Ids {
		if person, ok := u.people[id]; ok {
			answer.Items = append(answer.Items, person)
		}
	}
	return answer, nil
}

func (u *Users) server(t *testing.T) http.Handler {
	t.Helper()
	spec, err := userapi.GetSpec()
	must(t, err)
	server := NewServer(t, UserID, spec, nil)
	strict := userapi.NewStrictHandlerWithOptions(u, nil, httpserver.StrictOptions[userapi.StrictGinServerOptions]())
	userapi.RegisterHandlersWithOptions(server.Engine(), strict, httpserver.GinOptions[userapi.GinServerOptions]())
	return server.Engine()
}
