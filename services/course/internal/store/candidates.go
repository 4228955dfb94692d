package store

import (
	"context"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/shema-music/shema/services/course/internal/course"
	"github.com/shema-music/shema/services/kit/postgres"
)

type candidateRow struct {
	ID                       uuid.UUID
	Title, Instrument, Level string
	PriceCategory            string
	AvailableDays            []string
	NextAvailable            *time.Time
}

func (r candidateRow) domain() course.Candidate {
	return course.Candidate{
		ID:            r.ID,
		Title:         r.Title,
		Instrument:    r.Instrument,
		Level:         r.Level,
		PriceCategory: r.PriceCategory,
		AvailableDays: r.AvailableDays,
		NextAvailable: utc(r.NextAvailable),
	}
}

// Candidates returns all published courses by id, each with the start of its next slot
// that can be booked.
func (s *Store) Candidates(ctx context.Context) ([]course.Candidate, error) {
	rows, err := postgres.List(ctx, s.pool, pgx.RowToStructByName[candidateRow], `
		SELECT c.id, c.title, c.instrument, c.level, c.price_category, c.available_days, `+nextSlot+` AS next_available
		FROM course.courses c WHERE `+published+` ORDER BY c.id`)

	return domains(rows), err
}
