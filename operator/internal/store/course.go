package store

import (
	"context"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/shema-music/shema/services/kit/postgres"
)

const kindCourse = "Course"

// Course is a catalogue entry as a Course resource asks for it.
type Course struct {
	Origin

	Title, Description, Instrument, Level, PriceCategory string
	// Price is a decimal number; Price, Currency and Teacher may be nil.
	Price, Currency, Teacher *string
	AvailableDays            []string
	Published                bool
}

// CourseClaim is how a Course asks for its entry.
type CourseClaim struct {
	Course

	// KnownID is the id that the entry had before, if any: an entry that was
	// deleted by hand comes back under it.
	KnownID uuid.UUID
	// First is false for a Course that came after another one of its name. It
	// keeps an entry that it has, but gets none.
	First bool
}

// CourseResult is what became of a Course.
type CourseResult struct {
	ID     uuid.UUID
	Change Change
}

// ApplyCourse brings the catalogue entry to what the claim asks for. It returns
// a *NameConflictError when the entry belongs to another resource, ErrStale
// when the database shows a newer generation, or an *UnavailableError.
func (s *Store) ApplyCourse(ctx context.Context, claim CourseClaim, now time.Time) (CourseResult, error) {
	row, err := findCourse(ctx, s.pool, claim.Name, "")
	if err != nil {
		return CourseResult{}, sorted(err)
	}
	plan, err := compareCourse(row, claim)
	if err != nil || plan.act == actNone {
		return CourseResult{ID: plan.id}, err
	}
	err = s.inTx(ctx, func(ctx context.Context, tx pgx.Tx) error {
		row, err := findCourse(ctx, tx, claim.Name, "FOR UPDATE")
		if err != nil {
			return err
		}
		if plan, err = compareCourse(row, claim); err != nil {
			return err
		}
		return s.writeCourse(ctx, tx, plan, claim.Course, now)
	})
	return CourseResult{ID: plan.id, Change: plan.change}, err
}

func (s *Store) writeCourse(ctx context.Context, tx pgx.Tx, plan coursePlan, c Course, now time.Time) error {
	var err error
	switch plan.act {
	case actNone:
		return nil
	case actInsert:
		err = insertCourse(ctx, tx, plan.id, c)
	case actUpdate:
		err = updateCourse(ctx, tx, plan.id, c)
	}
	if err != nil || plan.change == Unchanged {
		return err
	}
	return s.announce(ctx, tx, kindCourse, c.Name, plan.id, now)
}

// courseRow is an entry as the database shows it.
type courseRow struct {
	Course

	ID         uuid.UUID
	ArchivedAt *time.Time
}

func findCourse(ctx context.Context, db querier, name, lock string) (*courseRow, error) {
	rows, err := db.Query(ctx, `
		SELECT id, name, title, description, instrument, level, price_category, price::text, currency, teacher,
		       available_days, published, archived_at, resource_namespace, resource_uid, resource_generation
		FROM course.courses WHERE name = $1 `+lock, name)
	if err != nil {
		return nil, err
	}
	found, err := pgx.CollectRows(rows, scanCourse)
	if err != nil || len(found) == 0 {
		return nil, err
	}
	return &found[0], nil
}

func scanCourse(row pgx.CollectableRow) (courseRow, error) {
	var c courseRow
	err := row.Scan(&c.ID, &c.Name, &c.Title, &c.Description, &c.Instrument, &c.Level, &c.PriceCategory, &c.Price,
		&c.Currency, &c.Teacher, &c.AvailableDays, &c.Published, &c.ArchivedAt, &c.Namespace, &c.UID, &c.Generation)
	return c, err
}

func insertCourse(ctx context.Context, tx pgx.Tx, id uuid.UUID, c Course) error {
	_, err := tx.Exec(ctx, `
		INSERT INTO course.courses (id, name, title, description, instrument, level, price_category, price, currency,
		       teacher, available_days, published, resource_namespace, resource_uid, resource_generation)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8::text::numeric, $9, $10, $11, $12, $13, $14, $15)`,
		id, c.Name, c.Title, c.Description, c.Instrument, c.Level, c.PriceCategory, c.Price, c.Currency,
		c.Teacher, c.AvailableDays, c.Published, c.Namespace, c.UID, c.Generation)
	if constraint, ok := postgres.Constraint(err); ok && constraint == "courses_name_key" {
		return &NameConflictError{Name: c.Name} // another one of this name came in between
	}
	return err
}

func updateCourse(ctx context.Context, tx pgx.Tx, id uuid.UUID, c Course) error {
	_, err := tx.Exec(ctx, `
		UPDATE course.courses SET title = $2, description = $3, instrument = $4, level = $5, price_category = $6,
		       price = $7::text::numeric, currency = $8, teacher = $9, available_days = $10, published = $11,
		       archived_at = NULL, resource_namespace = $12, resource_uid = $13, resource_generation = $14,
		       updated_at = now()
		WHERE id = $1 AND (resource_uid = $13 AND resource_generation <= $14 OR archived_at IS NOT NULL)`,
		id, c.Title, c.Description, c.Instrument, c.Level, c.PriceCategory, c.Price, c.Currency, c.Teacher,
		c.AvailableDays, c.Published, c.Namespace, c.UID, c.Generation)
	return err
}
