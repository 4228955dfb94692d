package booking

import (
	"context"
	"log/slog"
	"maps"
	"slices"

	"github.com/google/uuid"

	bookingerrs "github.com/shema-music/shema/services/contracts/booking/errs"
	"github.com/shema-music/shema/services/contracts/errs"
)

// Page is a part of a list, and where the next part begins; Next is nil on the last one.
type Page[T any] struct {
	Items []T
	Next  *Position
}

// View is a booking as a viewer sees it. User is for admins; it is nil also for them when the person has left, or the
// user service is away.
type View struct {
	Booking

	ForAdmin bool
	User     *Person
}

// Get returns one booking, or NotFound also when the viewer may not see it.
func (s *Service) Get(ctx context.Context, id uuid.UUID, viewer Viewer) (View, error) {
	b, err := s.store.Find(ctx, id)
	if err != nil {
		return View{}, err
	}

	if !viewer.MaySee(&b) {
		return View{}, bookingerrs.NotFound
	}

	return s.show(ctx, viewer, b)[0], nil
}

// Show returns a booking as the viewer sees it.
func (s *Service) Show(ctx context.Context, viewer Viewer, b Booking) View {
	return s.show(ctx, viewer, b)[0]
}

// List returns the bookings that the viewer may see, newest first, as far as the filter lets them through. Returns
// Forbidden when a person who is no admin asks for a user's.
func (s *Service) List(ctx context.Context, viewer Viewer, f Filter) (Page[View], error) {
	if !viewer.Admin {
		if f.UserID != nil {
			return Page[View]{}, errs.Forbidden
		}

		f.UserID = &viewer.UserID
	}

	return s.page(ctx, viewer, f)
}

// ListPending returns the bookings that wait for a decision, oldest first.
func (s *Service) ListPending(ctx context.Context, after *Position, limit int) (Page[View], error) {
	return s.page(ctx, Viewer{Admin: true}, Filter{
		Status:      new(Pending),
		OldestFirst: true,
		After:       after,
		Limit:       limit,
	})
}

// CountPending returns how many bookings wait for a decision.
func (s *Service) CountPending(ctx context.Context) (int64, error) { return s.store.CountPending(ctx) }

// page asks for one more than wanted, to know whether there is a next page.
func (s *Service) page(ctx context.Context, viewer Viewer, f Filter) (Page[View], error) {
	limit := f.Limit
	f.Limit++

	found, err := s.store.List(ctx, f)
	if err != nil {
		return Page[View]{}, err
	}

	items, next := cut(found, limit, func(b *Booking) Position { return Position{At: b.CreatedAt, ID: b.ID} })

	return Page[View]{Items: s.show(ctx, viewer, items...), Next: next}, nil
}

// cut takes limit bookings, and says where the next page begins, if there is one.
func cut(found []Booking, limit int, at func(*Booking) Position) ([]Booking, *Position) {
	if len(found) <= limit {
		return found, nil
	}

	return found[:limit], new(at(&found[limit-1]))
}

// show adds the people whom an admin needs to see, all in one call.
func (s *Service) show(ctx context.Context, viewer Viewer, bookings ...Booking) []View {
	views := make([]View, len(bookings))
	for i := range bookings {
		views[i] = View{Booking: bookings[i], ForAdmin: viewer.Admin}
	}

	if !viewer.Admin {
		return views
	}

	ids := make([]uuid.UUID, len(bookings))
	for i := range bookings {
		ids[i] = bookings[i].UserID
	}

	people := s.people(ctx, ids)
	for i := range views {
		views[i].User = entry(people, views[i].UserID)
	}

	return views
}

// maxPeople is how many the user service is asked for at once.
const maxPeople = 200

// people returns who is known and can be asked for; lists can do without.
func (s *Service) people(ctx context.Context, ids []uuid.UUID) map[uuid.UUID]Person {
	slices.SortFunc(ids, func(a, b uuid.UUID) int { return slices.Compare(a[:], b[:]) })

	ctx, cancel := context.WithTimeout(ctx, s.timings.Lookup)
	defer cancel()

	people := map[uuid.UUID]Person{}

	for some := range slices.Chunk(slices.Compact(ids), maxPeople) {
		found, err := s.users.Lookup(ctx, some)
		if err != nil {
			s.log.WarnContext(ctx, "people are left out", slog.Any("error", err))
			return people
		}

		maps.Copy(people, found)
	}

	return people
}

func entry[Key comparable, T any](entries map[Key]T, id Key) *T {
	if e, ok := entries[id]; ok {
		return &e
	}

	return nil
}
