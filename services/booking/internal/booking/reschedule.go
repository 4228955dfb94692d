package booking

import (
	"context"
	"time"

	"github.com/google/uuid"

	bookingerrs "github.com/shema-music/shema/services/contracts/booking/errs"
)

// Reschedule asks for another time of a confirmed lesson of that student: it returns a new pending booking that replaces
// the old one when it is confirmed. Until then, and whatever else becomes of it, the old lesson stands. Returns NotFound,
// NotConfirmed, TooLate, and the refusals of Create.
func (s *Service) Reschedule(ctx context.Context, id uuid.UUID, r Request) (Booking, error) {
	old, err := s.store.Find(ctx, id)
	if err != nil {
		return Booking{}, err
	}

	if old.UserID != r.UserID {
		return Booking{}, bookingerrs.NotFound
	}

	r.CourseID, r.Package, r.Replaces = old.CourseID, old.Package, &old.ID

	return s.Create(ctx, r)
}

// MayReplace returns nil if a booking may be asked for that replaces b at the moment now, or NotFound, NotConfirmed or
// TooLate. B is nil when there is no such booking.
func (r *Request) MayReplace(b *Booking, now time.Time) error {
	switch {
	case b == nil || b.Status == Holding || b.UserID != r.UserID:
		return bookingerrs.NotFound
	case b.Status != Confirmed:
		return bookingerrs.NotConfirmed
	}

	return b.withNotice(now)
}

// packageOf gives a snapshot the package of the booking that is replaced: the course may not have it any more.
func (s *Service) packageOf(ctx context.Context, b *Booking, taken *Snapshot) error {
	if b.Replaces == nil || b.Package == nil || taken == nil {
		return nil
	}

	old, err := s.find(ctx, *b.Replaces)
	if err == nil && old != nil && old.Snapshot != nil {
		taken.Package = old.Snapshot.Package
	}

	return err
}
