package store

import (
	"context"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
)

const kindCourse = "Course"

// Course is a catalogue entry as a Course resource asks for it.
type Course struct {
	Origin

	Title, Description, Instrument, Level, PriceCategory string
	// Price is a decimal number; Price and what follows may be nil.
	Price, Currency, Teacher, TeacherEmail, ImageURL *string

	Packages      []Package
	AvailableDays []string
	Published     bool
}

// Package is several lessons that are sold together, as the column packages has it.
type Package struct {
	Name    string `json:"name"`
	Title   string `json:"title"`
	Lessons int32  `json:"lessons"`
	// Price is a decimal number; Price and Currency may be nil.
	Price    *string `json:"price"`
	Currency *string `json:"currency"`
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
	// Takeover is empty unless an earlier try failed.
	Takeover Takeover
}

// CourseResult is what became of a Course.
type CourseResult struct {
	ID     uuid.UUID
	Change Change
}

// ApplyCourse brings the catalogue entry to what the claim asks for. It returns
// a *NameConflictError when the entry belongs to another resource, a *StaleError
// when the database shows a newer generation, an *InvalidDataError or an
// *UnavailableError.
func (s *Store) ApplyCourse(ctx context.Context, claim CourseClaim, now time.Time) (CourseResult, error) {
	rows, err := findCourses(ctx, s.pool, claim.Origin, claim.KnownID, "")
	if err != nil {
		return CourseResult{}, classify(err)
	}

	plan, err := compareCourse(rows, claim)
	if err != nil || plan.act == actNone {
		return CourseResult{ID: plan.id}, err
	}

	err = s.inTx(ctx, func(ctx context.Context, tx pgx.Tx) error {
		rows, err := findCourses(ctx, tx, claim.Origin, claim.KnownID, "FOR UPDATE")
		if err != nil {
			return err
		}

		if plan, err = compareCourse(rows, claim); err != nil {
			return err
		}

		return s.writeCourse(ctx, tx, plan, claim.Course, now)
	})

	return CourseResult{ID: plan.id, Change: plan.change}, err
}

func (s *Store) writeCourse(ctx context.Context, tx pgx.Tx, plan coursePlan, c Course, now time.Time) error {
	if err := renameAside(ctx, tx, plan.aside); err != nil {
		return err
	}

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

// courseRow is an entry as the database shows it. Columns that a person with
// psql can fill with what Go's types can't hold are read as text.
type courseRow struct {
	Course

	ID         uuid.UUID
	ArchivedAt *time.Time
	// days and packages are JSON.
	days, packages string
}

// findCourses reads the entry of a Course, and whatever is in its way: the entries
// with its uid, its name or the id that it had.
func findCourses(ctx context.Context, db querier, of Origin, known uuid.UUID, lock string) ([]courseRow, error) {
	rows, err := db.Query(ctx, `
		SELECT id, name, title, description, instrument, level, price_category, price::text, currency, teacher,
		       teacher_email, image_url, packages::text, array_to_json(available_days)::text, published,
		       CASE WHEN archived_at IS NOT NULL THEN now() END, resource_namespace, resource_uid, resource_generation
		FROM course.courses WHERE name = $1 OR resource_uid = $2 OR id = $3 ORDER BY id `+lock, of.Name, of.UID, known)
	if err != nil {
		return nil, err
	}

	return pgx.CollectRows(rows, scanCourse)
}

func scanCourse(row pgx.CollectableRow) (courseRow, error) {
	var c courseRow

	err := row.Scan(&c.ID, &c.Name, &c.Title, &c.Description, &c.Instrument, &c.Level, &c.PriceCategory, &c.Price,
		&c.Currency, &c.Teacher, &c.TeacherEmail, &c.ImageURL, &c.packages, &c.days, &c.Published, &c.ArchivedAt,
		&c.Namespace, &c.UID, &c.Generation)

	return c, err
}
