// Package store keeps the catalogue and the reservations in Postgres.
package store

import (
	"context"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/shema-music/shema/services/course/internal/course"
	"github.com/shema-music/shema/services/kit/postgres"
)

// Store reads and writes the schema course.
type Store struct{ pool *pgxpool.Pool }

// New returns a store on the pool.
func New(pool *pgxpool.Pool) *Store { return &Store{pool: pool} }

// Ready fails when the schema cannot be read.
func (s *Store) Ready(ctx context.Context) error {
	_, err := s.Version(ctx)
	return err
}

const versionSQL = `SELECT state, now() AS now FROM course.catalog_version`

// Version returns the catalogue's version at this moment.
func (s *Store) Version(ctx context.Context) (course.Version, error) { return version(ctx, s.pool) }

func version(ctx context.Context, q postgres.Querier) (course.Version, error) {
	return postgres.One(ctx, q, pgx.RowToStructByName[course.Version], versionSQL)
}

const courseColumns = `c.id, c.name, c.title, c.description, c.instrument, c.level, c.price_category,
	c.price::text AS price, c.currency, c.teacher, c.image_url, c.packages, c.available_days, c.created_at, c.updated_at,
	` + nextSlot + ` AS next_slot_at`

// nextSlot is the start of a course's next slot that can be booked. The index on course and time finds it at once,
// however many slots the course has.
const nextSlot = `(SELECT s.starts_at FROM course.schedules s
		WHERE s.course_id = c.id AND s.status = 'available' AND s.withdrawn_at IS NULL AND s.starts_at > now()
		ORDER BY s.starts_at LIMIT 1)`

type courseRow struct {
	ID                       uuid.UUID
	Name, Title, Description string
	Instrument, Level        string
	PriceCategory            string
	Price, Currency, Teacher *string
	ImageURL                 *string
	Packages                 []course.Package
	AvailableDays            []string
	NextSlotAt               *time.Time
	CreatedAt, UpdatedAt     time.Time
}

func (r courseRow) domain() course.Course {
	return course.Course{
		ID:            r.ID,
		Name:          r.Name,
		Title:         r.Title,
		Description:   r.Description,
		Instrument:    r.Instrument,
		Level:         r.Level,
		PriceCategory: r.PriceCategory,
		Price:         course.Price(r.Price),
		Currency:      r.Currency,
		Teacher:       r.Teacher,
		ImageURL:      r.ImageURL,
		Packages:      r.Packages,
		AvailableDays: r.AvailableDays,
		NextSlotAt:    utc(r.NextSlotAt),
		CreatedAt:     r.CreatedAt.UTC(),
		UpdatedAt:     r.UpdatedAt.UTC(),
	}
}

// utc returns the same moment in UTC, as everything that leaves the store.
func utc(at *time.Time) *time.Time {
	if at == nil {
		return nil
	}

	return new(at.UTC())
}

const slotColumns = `s.id, s.course_id, s.starts_at, s.ends_at, s.time_zone, s.status`

type slotRow struct {
	ID, CourseID     uuid.UUID
	StartsAt, EndsAt time.Time
	TimeZone         string
	Status           string
}

func (r slotRow) domain() course.Slot {
	return course.Slot{
		ID:       r.ID,
		CourseID: r.CourseID,
		StartsAt: r.StartsAt.UTC(),
		EndsAt:   r.EndsAt.UTC(),
		TimeZone: r.TimeZone,
		Status:   course.SlotStatus(r.Status),
	}
}

// domains converts rows; the result is never nil, so that it renders as a list.
func domains[Row interface{ domain() Item }, Item any](rows []Row) []Item {
	items := make([]Item, len(rows))
	for i, row := range rows {
		items[i] = row.domain()
	}

	return items
}
