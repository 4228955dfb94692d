package booking

import (
	"context"
	"log/slog"

	"github.com/google/uuid"
	"golang.org/x/sync/errgroup"

	bookingerrs "github.com/shema-music/shema/services/contracts/booking/errs"
	coursehttp "github.com/shema-music/shema/services/contracts/course/http"
	userhttp "github.com/shema-music/shema/services/contracts/user/http"
)

// Page is a part of a list, and where the next part begins; Next is nil on the last one.
type Page[T any] struct {
	Items []T
	Next  *Position
}

// Awaiting is a pending booking with what an admin needs to decide. What is nil is gone, or its service is away.
type Awaiting struct {
	Booking

	User                  *userhttp.User
	Course                *coursehttp.Course
	FirstSlot, SecondSlot *coursehttp.Slot
}

// Get returns one booking, or ErrNotFound also when the viewer may not see it.
func (s *Service) Get(ctx context.Context, id uuid.UUID, viewer Viewer) (Booking, error) {
	b, err := s.store.Find(ctx, id)
	if err != nil {
		return Booking{}, err
	}

	if !viewer.MaySee(&b) {
		return Booking{}, bookingerrs.NotFound
	}

	return b, nil
}

// List returns the bookings that the viewer may see, newest first; status, when set, leaves only those with it.
func (s *Service) List(ctx context.Context, viewer Viewer, status *Status, after *Position, limit int) (Page[Booking], error) {
	f := Filter{Status: status, After: after, Limit: limit}
	if !viewer.Admin {
		f.UserID = &viewer.UserID
	}

	return s.page(ctx, f)
}

// ListPending returns the bookings that wait for a decision, oldest first. The neighbours are asked once each, at the
// same time.
func (s *Service) ListPending(ctx context.Context, after *Position, limit int) (Page[Awaiting], error) {
	page, err := s.page(ctx, Filter{
		Status:      new(Pending),
		OldestFirst: true,
		After:       after,
		Limit:       limit,
	})
	if err != nil {
		return Page[Awaiting]{}, err
	}

	people, catalogue := s.lookUp(ctx, page.Items)

	awaiting := Page[Awaiting]{Items: make([]Awaiting, 0, len(page.Items)), Next: page.Next}
	for _, b := range page.Items {
		awaiting.Items = append(awaiting.Items, Awaiting{
			Booking:    b,
			User:       entry(people, b.UserID),
			Course:     entry(catalogue.Courses, b.CourseID),
			FirstSlot:  entry(catalogue.Slots, b.FirstChoice),
			SecondSlot: entry(catalogue.Slots, b.SecondChoice),
		})
	}

	return awaiting, nil
}

// CountPending returns how many bookings wait for a decision.
func (s *Service) CountPending(ctx context.Context) (int64, error) { return s.store.CountPending(ctx) }

// page asks for one more than wanted, to know whether there is a next page.
func (s *Service) page(ctx context.Context, f Filter) (Page[Booking], error) {
	limit := f.Limit
	f.Limit++

	items, err := s.store.List(ctx, f)
	if err != nil || len(items) <= limit {
		return Page[Booking]{Items: items}, err
	}

	last := items[limit-1]

	return Page[Booking]{Items: items[:limit], Next: &Position{CreatedAt: last.CreatedAt, ID: last.ID}}, nil
}

func (s *Service) lookUp(ctx context.Context, bookings []Booking) (people map[uuid.UUID]userhttp.User, c Catalogue) {
	if len(bookings) == 0 {
		return nil, Catalogue{}
	}

	ctx, cancel := context.WithTimeout(ctx, s.timings.Lookup)
	defer cancel()

	users, courses, slots := references(bookings)

	var group errgroup.Group
	group.Go(func() (err error) {
		people, err = s.users.Lookup(ctx, users)
		s.warn(ctx, "the users of pending bookings are left out", err)
		return nil
	})
	group.Go(func() (err error) {
		c, err = s.courses.Lookup(ctx, courses, slots)
		s.warn(ctx, "the courses of pending bookings are left out", err)
		return nil
	})
	_ = group.Wait()

	return people, c
}

func (s *Service) warn(ctx context.Context, message string, err error) {
	if err != nil {
		s.log.WarnContext(ctx, message, slog.Any("error", err))
	}
}

// references returns the ids that bookings mention, each once.
func references(bookings []Booking) (users, courses, slots []uuid.UUID) {
	seen := map[uuid.UUID]bool{}

	add := func(ids *[]uuid.UUID, id uuid.UUID) {
		if !seen[id] {
			seen[id] = true
			*ids = append(*ids, id)
		}
	}
	for _, b := range bookings {
		add(&users, b.UserID)
		add(&courses, b.CourseID)
		add(&slots, b.FirstChoice)
		add(&slots, b.SecondChoice)
	}

	return users, courses, slots
}

func entry[T any](entries map[uuid.UUID]T, id uuid.UUID) *T {
	if e, ok := entries[id]; ok {
		return &e
	}

	return nil
}
