package booking

import (
	"context"
	"errors"

	"github.com/google/uuid"
)

// repairBatch is how many bookings are compared at once; the user service takes 500.
const repairBatch = 200

// RepairStore finds what to compare with the other services.
type RepairStore interface {
	// Recent returns up to limit pending and confirmed bookings of the last week behind the given id, by id.
	Recent(ctx context.Context, after uuid.UUID, limit int) ([]Booking, error)
}

// Repair compares the open bookings of the last week with the course and the user service, and tells them again what they
// should know: after a broker has lost its events for good, nothing else would. It also completes snapshots. Normally it
// changes nothing. What fails is left for the next time; the error is for the log.
func (s *Service) Repair(ctx context.Context) error {
	var (
		failures []error
		after    uuid.UUID
	)

	for {
		batch, err := s.store.Recent(ctx, after, repairBatch)
		if err != nil || len(batch) == 0 {
			return errors.Join(append(failures, err, s.CompleteSnapshots(ctx))...)
		}

		failures = append(failures, s.repair(ctx, batch))
		after = batch[len(batch)-1].ID
	}
}

func (s *Service) repair(ctx context.Context, batch []Booking) error {
	var (
		failures []error
		students []uuid.UUID
	)

	for i := range batch {
		b := &batch[i]
		if b.Status == Pending {
			failures = append(failures, s.mustBeReserved(ctx, b))
			continue
		}

		students = append(students, b.UserID)
		failures = append(failures, s.settle(ctx, b))
	}

	if len(students) > 0 {
		failures = append(failures, s.users.Activate(ctx, students))
	}

	return errors.Join(failures...)
}

// ReportErased says that nothing is kept of a person any more. It is the work of a job.
func (s *Service) ReportErased(ctx context.Context, person uuid.UUID) error {
	return s.users.ReportErased(ctx, person)
}

// mustBeReserved reserves the slots of a pending booking, which changes nothing where they are.
func (s *Service) mustBeReserved(ctx context.Context, b *Booking) error {
	reservation, err := s.reserve(ctx, b)
	if err == nil && reservation.State != SlotsReserved {
		s.log.WarnContext(ctx, "the slots of a pending booking are not reserved", "booking_id", b.ID, "state", reservation.State)
	}

	return err
}
