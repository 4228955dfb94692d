package store

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/shema-music/shema/services/kit/postgres"
)

// nameConstraint keeps the names of entries unique.
const nameConstraint = "courses_name_key"

func insertCourse(ctx context.Context, tx pgx.Tx, id uuid.UUID, c Course) error {
	_, err := tx.Exec(ctx, `
		INSERT INTO course.courses (id, name, title, description, instrument, level, price_category, price, currency,
		       teacher, teacher_email, image_url, packages, available_days, published,
		       resource_namespace, resource_uid, resource_generation)
		VALUES (@id, @name, @title, @description, @instrument, @level, @price_category, @price::text::numeric, @currency,
		       @teacher, @teacher_email, @image_url, @packages::text::jsonb, @available_days, @published,
		       @namespace, @uid, @generation)`, courseArgs(id, c))

	return nameConflict(err, c.Name)
}

func updateCourse(ctx context.Context, tx pgx.Tx, id uuid.UUID, c Course) error {
	_, err := tx.Exec(ctx, `
		UPDATE course.courses SET name = @name, title = @title, description = @description, instrument = @instrument,
		       level = @level, price_category = @price_category, price = @price::text::numeric, currency = @currency,
		       teacher = @teacher, teacher_email = @teacher_email, image_url = @image_url, packages = @packages::text::jsonb,
		       available_days = @available_days, published = @published, archived_at = NULL,
		       resource_namespace = @namespace, resource_uid = @uid, resource_generation = @generation, updated_at = now()
		WHERE id = @id`, courseArgs(id, c))

	return nameConflict(err, c.Name)
}

func courseArgs(id uuid.UUID, c Course) pgx.NamedArgs {
	return pgx.NamedArgs{
		"id":             id,
		"name":           c.Name,
		"title":          c.Title,
		"description":    c.Description,
		"instrument":     c.Instrument,
		"level":          c.Level,
		"price_category": c.PriceCategory,
		"price":          c.Price,
		"currency":       c.Currency,
		"teacher":        c.Teacher,
		"teacher_email":  c.TeacherEmail,
		"image_url":      c.ImageURL,
		"packages":       packagesJSON(c.Packages),
		"available_days": c.AvailableDays,
		"published":      c.Published,
		"namespace":      c.Namespace,
		"uid":            c.UID,
		"generation":     c.Generation,
	}
}

// nameConflict explains an error that says that another Course of this name came in
// between.
func nameConflict(err error, name string) error {
	if constraint, ok := postgres.Constraint(err); ok && constraint == nameConstraint {
		return &NameConflictError{Name: name}
	}

	return err
}

// aside is an entry that has a name which it must not have.
type aside struct {
	id uuid.UUID
	// archive is true if no Course will give it its own name.
	archive bool
}

// renameAside gives an entry a name that no Course can have. Its own Course gives it
// the right one when it is looked at.
func renameAside(ctx context.Context, tx pgx.Tx, a *aside) error {
	if a == nil {
		return nil
	}

	_, err := tx.Exec(ctx, `
		UPDATE course.courses SET name = name || '~' || id, updated_at = now(),
		       archived_at = CASE WHEN $2 THEN coalesce(archived_at, now()) ELSE archived_at END
		WHERE id = $1`, a.id, a.archive)
	if err != nil {
		return fmt.Errorf("rename the entry in the way: %w", err)
	}

	return nil
}

// packagesJSON is what the column packages says; there are no packages that can't
// be written.
func packagesJSON(packages []Package) string {
	if len(packages) == 0 {
		return "[]"
	}

	text, _ := json.Marshal(packages) //nolint:errchkjson // strings and a number can be written

	return string(text)
}
