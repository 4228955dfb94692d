package recommendationtest

import (
	"context"
	"encoding/json"
	"net/http"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"

	coursehttp "github.com/shema-music/shema/services/contracts/course/http"
	userhttp "github.com/shema-music/shema/services/contracts/user/http"
	"github.com/shema-music/shema/services/kit/httpserver"
)

// Courses is a course service in memory.
type Courses struct {
	coursehttp.StrictServerInterface

	mu      sync.Mutex
	courses []coursehttp.Course
	next    map[uuid.UUID]time.Time
	lookups int
	// forgetful courses go as soon as they were named as candidates.
	forgetful map[uuid.UUID]bool
}

// Add publishes a course that fits a beginner at the piano with little money on Mondays and Wednesdays, but for what
// change does to it, and returns its id.
func (c *Courses) Add(title string, change func(*coursehttp.Course)) uuid.UUID {
	c.mu.Lock()
	defer c.mu.Unlock()

	course := coursehttp.Course{
		Id:            uuid.New(),
		Name:          title,
		Title:         title,
		Description:   "First steps",
		Instrument:    "piano",
		Level:         coursehttp.Beginner,
		PriceCategory: coursehttp.Low,
		Price:         new("350000"),
		Currency:      new("IDR"),
		Teacher:       new("Ibu Sari"),
		ImageUrl:      new("https://example.com/piano.jpg"),
		Packages: []coursehttp.Package{{
			Name:     "bulanan",
			Title:    "Four lessons a month",
			Lessons:  4,
			Price:    new("1200000"),
			Currency: new("IDR"),
		}},
		AvailableDays: []coursehttp.Weekday{coursehttp.Monday, coursehttp.Wednesday},
		CreatedAt:     time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC),
		UpdatedAt:     time.Date(2026, 2, 2, 3, 4, 5, 0, time.UTC),
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

	c.courses = slices.DeleteFunc(c.courses, func(course coursehttp.Course) bool { return course.Id == id })
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
	_ context.Context, r coursehttp.ListCandidatesRequestObject,
) (coursehttp.ListCandidatesResponseObject, error) {
	c.mu.Lock()
	defer c.mu.Unlock()

	items := make([]coursehttp.Candidate, 0, len(c.courses))
	for _, course := range c.courses {
		candidate := coursehttp.Candidate{
			Id:            course.Id,
			Title:         course.Title,
			Instrument:    course.Instrument,
			Level:         course.Level,
			PriceCategory: course.PriceCategory,
			AvailableDays: course.AvailableDays,
		}
		if at, ok := c.next[course.Id]; ok {
			candidate.NextAvailableAt = &at
		}

		items = append(items, candidate)
	}

	shown, err := json.Marshal(items)
	if err != nil {
		return nil, err
	}

	answer := coursehttp.ListCandidates200JSONResponse{State: uuid.NewSHA1(uuid.Nil, shown)}
	if r.Params.Known == nil || *r.Params.Known != answer.State {
		answer.Items = &items
	}

	c.courses = slices.DeleteFunc(c.courses, func(course coursehttp.Course) bool { return c.forgetful[course.Id] })

	return answer, nil
}

// LookupCatalog implements the course service.
func (c *Courses) LookupCatalog(
	_ context.Context, r coursehttp.LookupCatalogRequestObject,
) (coursehttp.LookupCatalogResponseObject, error) {
	c.mu.Lock()
	defer c.mu.Unlock()

	c.lookups++

	answer := coursehttp.LookupCatalog200JSONResponse{Courses: []coursehttp.Course{}, Slots: []coursehttp.Slot{}}
	for _, course := range c.courses {
		if slices.Contains(*r.Body.CourseIds, course.Id) {
			if at, ok := c.next[course.Id]; ok {
				course.NextSlotAt = &at
			}

			answer.Courses = append(answer.Courses, course)
		}
	}

	return answer, nil
}

func (c *Courses) server(t *testing.T) http.Handler {
	t.Helper()

	spec, err := coursehttp.GetSpec()
	server := newServer(t, CourseID, spec, err)
	strict := coursehttp.NewStrictHandlerWithOptions(c, nil, httpserver.StrictOptions[coursehttp.StrictGinServerOptions]())
	coursehttp.RegisterHandlersWithOptions(server.Engine(), strict, httpserver.GinOptions[coursehttp.GinServerOptions]())

	return server.Engine()
}

// Users is a user service in memory. It is made by NewUsers.
type Users struct {
	userhttp.StrictServerInterface

	mu     sync.Mutex
	people map[uuid.UUID]userhttp.User
	erased []uuid.UUID
}

// NewUsers returns a user service without people.
func NewUsers() *Users { return &Users{people: map[uuid.UUID]userhttp.User{}} }

// Add makes a person who has said nothing but for what change does, and returns the id.
func (u *Users) Add(change func(*userhttp.User)) uuid.UUID {
	u.mu.Lock()
	defer u.mu.Unlock()

	person := userhttp.User{
		Id:                   uuid.New(),
		FullName:             "Ani",
		Role:                 userhttp.Student,
		PreferredInstruments: []string{},
		AvailableDays:        []userhttp.Weekday{},
	}
	if change != nil {
		change(&person)
	}

	u.people[person.Id] = person

	return person.Id
}

// AddPianist makes a person whom a course of Courses.Add fits in everything.
func (u *Users) AddPianist() uuid.UUID {
	return u.Add(func(p *userhttp.User) {
		p.ExperienceLevel, p.BudgetRange = new(userhttp.Beginner), new(userhttp.Low)
		p.PreferredInstruments = []string{"Piano"}
		p.AvailableDays = []userhttp.Weekday{userhttp.Monday, userhttp.Wednesday, userhttp.Sunday}
	})
}

// LookupUsers implements the user service.
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

// ReportErased implements the user service.
func (u *Users) ReportErased(
	_ context.Context, r userhttp.ReportErasedRequestObject,
) (userhttp.ReportErasedResponseObject, error) {
	u.mu.Lock()
	defer u.mu.Unlock()

	u.erased = append(u.erased, r.UserId)

	return userhttp.ReportErased204Response{}, nil
}

// Erased returns of whom it was reported that nothing is kept.
func (u *Users) Erased() []uuid.UUID {
	u.mu.Lock()
	defer u.mu.Unlock()

	return slices.Clone(u.erased)
}

func (u *Users) server(t *testing.T) http.Handler {
	t.Helper()

	spec, err := userhttp.GetSpec()
	server := newServer(t, UserID, spec, err)
	strict := userhttp.NewStrictHandlerWithOptions(u, nil, httpserver.StrictOptions[userhttp.StrictGinServerOptions]())
	userhttp.RegisterHandlersWithOptions(server.Engine(), strict, httpserver.GinOptions[userhttp.GinServerOptions]())

	return server.Engine()
}
