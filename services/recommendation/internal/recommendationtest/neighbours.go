package recommendationtest

import (
	"context"
	"net/http"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"

	courseapi "github.com/shema-music/shema/services/course/api"
	"github.com/shema-music/shema/services/kit/httpserver"
	userapi "github.com/shema-music/shema/services/user/api"
)

// Courses is a course service in memory.
type Courses struct {
	courseapi.StrictServerInterface

	mu      sync.Mutex
	courses []courseapi.Course
	next    map[uuid.UUID]time.Time
	lookups int
	// forgetful courses go as soon as they were named as candidates.
	forgetful map[uuid.UUID]bool
}

// Add publishes a course that fits a beginner at the piano with little money on Mondays and Wednesdays, but for what
// change does to it, and returns its id.
func (c *Courses) Add(title string, change func(*courseapi.Course)) uuid.UUID {
	c.mu.Lock()
	defer c.mu.Unlock()
	course := courseapi.Course{
		Id: uuid.New(), Name: title, Title: title, Description: "First steps", Instrument: "piano",
		Level: courseapi.Beginner, PriceCategory: courseapi.Low,
		Price: new("350000"), Currency: new("IDR"), Teacher: new("Ibu Sari"),
		AvailableDays: []courseapi.Weekday{courseapi.Monday, courseapi.Wednesday},
		CreatedAt:     time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC), UpdatedAt: time.Date(2026, 2, 2, 3, 4, 5, 0, time.UTC),
	}
	if change != nil {
		change(&course)
	}
	c.courses = append(c.courses, course)
	return course.Id
}

// Free gives the course a slot that can be booked.
func (c *Courses) Free(id uuid.UUID, at time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.next == nil {
		c.next = map[uuid.UUID]time.Time{}
	}
	c.next[id] = at
}

// Remove lets a course go.
func (c *Courses) Remove(id uuid.UUID) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.courses = slices.DeleteFunc(c.courses, func(course courseapi.Course) bool { return course.Id == id })
}

// RemoveAfterNaming lets a course go between the two calls of a recommendation.
func (c *Courses) RemoveAfterNaming(id uuid.UUID) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.forgetful = map[uuid.UUID]bool{id: true}
}

// Lookups returns how often courses were looked up.
func (c *Courses) Lookups() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.lookups
}

// ListCandidates implements the course service.
func (c *Courses) ListCandidates(
	context.Context, courseapi.ListCandidatesRequestObject,
) (courseapi.ListCandidatesResponseObject, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	answer := courseapi.ListCandidates200JSONResponse{Items: []courseapi.Candidate{}}
	for _, course := range c.courses {
		candidate := courseapi.Candidate{
			Id: course.Id, Title: course.Title, Instrument: course.Instrument, Level: course.Level,
			PriceCategory: course.PriceCategory, AvailableDays: course.AvailableDays,
		}
		if at, ok := c.next[course.Id]; ok {
			candidate.NextAvailableAt = &at
		}
		answer.Items = append(answer.Items, candidate)
	}
	c.courses = slices.DeleteFunc(c.courses, func(course courseapi.Course) bool { return c.forgetful[course.Id] })
	return answer, nil
}

// LookupCatalog implements the course service.
func (c *Courses) LookupCatalog(
	_ context.Context, r courseapi.LookupCatalogRequestObject,
) (courseapi.LookupCatalogResponseObject, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.lookups++
	answer := courseapi.LookupCatalog200JSONResponse{Courses: []courseapi.Course{}, Slots: []courseapi.Slot{}}
	for _, course := range c.courses {
		if slices.Contains(*r.Body.CourseIds, course.Id) {
			answer.Courses = append(answer.Courses, course)
		}
	}
	return answer, nil
}

func (c *Courses) server(t *testing.T) http.Handler {
	t.Helper()
	spec, err := courseapi.GetSpec()
	server := newServer(t, CourseID, spec, err)
	strict := courseapi.NewStrictHandlerWithOptions(c, nil, httpserver.StrictOptions[courseapi.StrictGinServerOptions]())
	courseapi.RegisterHandlersWithOptions(server.Engine(), strict, httpserver.GinOptions[courseapi.GinServerOptions]())
	return server.Engine()
}

// Users is a user service in memory.
type Users struct {
	userapi.StrictServerInterface

	mu     sync.Mutex
	people map[uuid.UUID]userapi.User
}

// NewUsers returns a user service without people.
func NewUsers() *Users { return &Users{people: map[uuid.UUID]userapi.User{}} }

// Add makes a person who has said nothing but for what change does, and returns the id.
func (u *Users) Add(change func(*userapi.User)) uuid.UUID {
	u.mu.Lock()
	defer u.mu.Unlock()
	person := userapi.User{
		Id: uuid.New(), FullName: "Ani", Role: userapi.Student,
		PreferredInstruments: []string{}, AvailableDays: []userapi.Weekday{},
	}
	if change != nil {
		change(&person)
	}
	u.people[person.Id] = person
	return person.Id
}

// AddPianist makes a person whom a course of Courses.Add fits in everything.
func (u *Users) AddPianist() uuid.UUID {
	return u.Add(func(p *userapi.User) {
		p.ExperienceLevel, p.BudgetRange = new(userapi.Beginner), new(userapi.Low)
		p.PreferredInstruments = []string{"Piano"}
		p.AvailableDays = []userapi.Weekday{userapi.Monday, userapi.Wednesday, userapi.Sunday}
	})
}

// LookupUsers implements the user service.
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
	server := newServer(t, UserID, spec, err)
	strict := userapi.NewStrictHandlerWithOptions(u, nil, httpserver.StrictOptions[userapi.StrictGinServerOptions]())
	userapi.RegisterHandlersWithOptions(server.Engine(), strict, httpserver.GinOptions[userapi.GinServerOptions]())
	return server.Engine()
}
