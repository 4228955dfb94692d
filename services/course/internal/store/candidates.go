package store

import (
	"context"
	"time"

	"github.com/google/uuid"

	"github.com/shema-music/shema/services/course/internal/course"
)

type candidateRow struct {
	ID                       uuid.UUID
	Title, Instrument, Level string
	PriceCategory            string
	AvailableDays            []string
	NextAvailable            *time.Time
}

func (r candidateRow) domain() course.Candidate {
	c := course.Candidate{
		ID:            r.ID,
		Title:         r.Title,
		Instrument:    r.Instrument,
		Level:         r.Level,
		PriceCategory: r.PriceCategory,
		AvailableDays: r.AvailableDays,
	}
	if r.NextAvailable != nil {
		c.NextAvailable = new(r.NextAvailable.UTC())
	}

	return c
}

// Candidates returns all published courses by id, each with the start of its next slot
// that can be booked. The index on course and time finds that slot at once, however many
// slots a course has.
func (s *Store) Candidates(ctx context.Context) ([]course.Candidate, error) {
	rows, err := list[candidateRow](ctx, s.pool, `
		SELECT c.id, c.title, c.instrument, c.level, c.price_category, c.available_days,
			(SELECT s.starts_at FROM course.schedules s
				WHERE s.course_id = c.id AND s.status = 'available' AND s.starts_at > now()
				ORDER BY s.starts_at LIMIT 1) AS next_available
		FROM course.courses c WHERE `+published+` ORDER BY c.id`)

	return domains(rows), err
}
