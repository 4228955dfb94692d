package store

import (
	"context"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	courseerrs "github.com/shema-music/shema/services/contracts/course/errs"
	"github.com/shema-music/shema/services/course/internal/course"
	"github.com/shema-music/shema/services/kit/postgres"
)

const published = "c.published AND c.archived_at IS NULL"

// byTitle is the order of titles that people expect; the index has it.
const byTitle = `c.title COLLATE "und-x-icu"`

// folded makes texts comparable that people take for the same: composed and decomposed accents, large and small
// letters of every alphabet.
func folded(text string) string { return `lower(normalize(` + text + `, NFC) COLLATE "und-x-icu")` }

// Courses returns published courses by title, and the version of the catalogue that
// holds exactly them.
func (s *Store) Courses(ctx context.Context, q course.Query) (course.Page[course.Course], course.Version, error) {
	var where postgres.Conditions
	where.Add(published)

	if q.Instrument != "" {
		where.Add("c.instrument = ?", q.Instrument)
	}

	if q.Level != "" {
		where.Add("c.level = ?", q.Level)
	}

	if q.PriceCategory != "" {
		where.Add("c.price_category = ?", q.PriceCategory)
	}

	if q.Text != "" {
		where.Add("strpos("+folded("concat_ws(chr(10), c.title, c.description, c.instrument, c.teacher)")+", "+
			folded("?::text")+") > 0", q.Text)
	}

	if q.After != nil {
		where.Add("("+byTitle+", c.id) > (?, ?)", q.After.Title, q.After.ID)
	}

	sql := "SELECT " + courseColumns + " FROM course.courses c" + where.Where() +
		" ORDER BY " + byTitle + ", c.id LIMIT " + where.Value(q.Limit+1)

	rows, at, err := snapshot(ctx, s, func(ctx context.Context, tx pgx.Tx) ([]courseRow, error) {
		return postgres.List(ctx, tx, pgx.RowToStructByName[courseRow], sql, where.Args()...)
	})

	return course.CutCourses(course.Page[course.Course]{Items: domains(rows)}, q.Limit), at, err
}

// Course returns a published course and the version of the catalogue that holds it. A
// course whose id matches wins over one whose name looks like that id.
func (s *Store) Course(ctx context.Context, ref course.Ref) (course.Course, course.Version, error) {
	const sql = "SELECT " + courseColumns + " FROM course.courses c WHERE (c.id = $1 OR c.name = $2) AND " + published +
		" ORDER BY c.id <> $1 LIMIT 1"

	row, at, err := snapshot(ctx, s, func(ctx context.Context, tx pgx.Tx) (courseRow, error) {
		return postgres.One(ctx, tx, pgx.RowToStructByName[courseRow], sql, ref.ID, ref.Name)
	})
	if postgres.NotFound(err) {
		return course.Course{}, at, courseerrs.NotFound
	}

	return row.domain(), at, err
}

// CountPublished returns how many courses are published.
func (s *Store) CountPublished(ctx context.Context) (int64, error) {
	return postgres.One(ctx, s.pool, pgx.RowTo[int64], "SELECT count(*) FROM course.courses c WHERE "+published)
}

// Lookup returns courses and slots by id, published or not; unknown ids are left out.
func (s *Store) Lookup(ctx context.Context, courseIDs, slotIDs []uuid.UUID) ([]course.Course, []course.Slot, error) {
	courses, slots := []course.Course{}, []course.Slot{}
	if len(courseIDs) > 0 {
		rows, err := postgres.List(ctx, s.pool, pgx.RowToStructByName[courseRow],
			"SELECT "+courseColumns+" FROM course.courses c WHERE c.id = ANY($1) ORDER BY c.id", courseIDs)
		if err != nil {
			return nil, nil, err
		}

		courses = domains(rows)
	}

	if len(slotIDs) > 0 {
		rows, err := postgres.List(ctx, s.pool, pgx.RowToStructByName[slotRow],
			"SELECT "+slotColumns+" FROM course.schedules s WHERE s.id = ANY($1) ORDER BY s.id", slotIDs)
		if err != nil {
			return nil, nil, err
		}

		slots = domains(rows)
	}

	return courses, slots, nil
}

// snapshot runs read and returns what it found together with the version of exactly
// the catalogue that it saw: both come from one snapshot of the database.
func snapshot[T any](ctx context.Context, s *Store, read func(context.Context, pgx.Tx) (T, error)) (T, course.Version, error) {
	var (
		found T
		at    course.Version
	)

	err := postgres.InSnapshot(ctx, s.pool, func(ctx context.Context, tx pgx.Tx) error {
		var err error
		if at, err = version(ctx, tx); err != nil {
			return err
		}

		found, err = read(ctx, tx)

		return err
	})

	return found, at, err
}
