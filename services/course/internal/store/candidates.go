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
// that can be booked, and the catalogue's state that holds exactly them. It returns nil
// for the courses if that is the known one.
func (s *Store) Candidates(ctx context.Context, known *uuid.UUID) ([]course.Candidate, uuid.UUID, error) {
	if known != nil {
		now, err := s.Version(ctx)
		if err != nil || now.State == *known {
			return nil, now.State, err
		}
	}

	rows, at, err := snapshot(ctx, s, func(ctx context.Context, tx pgx.Tx) ([]candidateRow, error) {
		return postgres.List(ctx, tx, pgx.RowToStructByName[candidateRow], `
			SELECT c.id, c.title, c.instrument, c.level, c.price_category, c.available_days, `+nextSlot+` AS next_available
			FROM course.courses c WHERE `+published+` ORDER BY c.id`)
	})
	if err != nil {
		return nil, at.State, err
	}

	return domains(rows), at.State, nil
}
