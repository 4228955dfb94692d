package booking

import (
	"context"

	"github.com/google/uuid"
)

// SnapshotStore completes the snapshots of bookings that are older than they are.
type SnapshotStore interface {
	// Incomplete returns up to limit bookings behind the given id that don't know their course, by id.
	Incomplete(ctx context.Context, after uuid.UUID, limit int) ([]Booking, error)
	// KeepSnapshots writes the snapshots of these bookings.
	KeepSnapshots(ctx context.Context, bookings []Booking) error
}

// Catalogue is what the course service still knows, published or not.
type Catalogue struct {
	Courses map[uuid.UUID]Course
	Slots   map[uuid.UUID]Slot
}

// CompleteSnapshots asks the course service what bookings of before snapshots are about. What it doesn't know any more
// stays unknown, and is asked for again the next time.
func (s *Service) CompleteSnapshots(ctx context.Context) error {
	var after uuid.UUID

	for {
		batch, err := s.store.Incomplete(ctx, after, repairBatch)
		if err != nil || len(batch) == 0 {
			return err
		}

		after = batch[len(batch)-1].ID

		if err := s.complement(ctx, batch); err != nil {
			return err
		}
	}
}

func (s *Service) complement(ctx context.Context, batch []Booking) error {
	courses, slots := make([]uuid.UUID, 0, len(batch)), make([]uuid.UUID, 0, 2*len(batch)) // two slots each

	for i := range batch {
		courses = append(courses, batch[i].CourseID)
		slots = append(slots, batch[i].FirstChoice, batch[i].SecondChoice)
	}

	known, err := s.courses.Describe(ctx, courses, slots)
	if err != nil {
		return err
	}

	var learned []Booking

	for i := range batch {
		if batch[i].learn(known) {
			learned = append(learned, batch[i])
		}
	}

	return s.store.KeepSnapshots(ctx, learned)
}

// learn adds what is known to the booking's snapshot, and reports whether anything was. What it said before stands.
func (b *Booking) learn(known Catalogue) (changed bool) {
	about := Snapshot{Course: Course{ID: b.CourseID}, Slots: map[uuid.UUID]Slot{}}
	if b.Snapshot != nil {
		about = *b.Snapshot
	}

	if course, ok := known.Courses[b.CourseID]; ok && about.Course.Name == "" {
		if about.Course.Title != "" {
			course.Title = about.Course.Title
		}

		about.Course, changed = course, true
	}

	for _, id := range []uuid.UUID{b.FirstChoice, b.SecondChoice} {
		if slot, ok := known.Slots[id]; ok && b.Slot(id) == nil {
			about.Slots[id], changed = slot, true
		}
	}

	if changed {
		b.Snapshot = &about
	}

	return changed
}
