package store

import (
	"slices"
	"strconv"
	"strings"

	"github.com/google/uuid"
)

type act int

const (
	actNone act = iota
	actInsert
	actUpdate
)

// coursePlan is what must be written, and what that means. A change that is
// Unchanged although something is written concerns the operator's own columns.
type coursePlan struct {
	act    act
	id     uuid.UUID
	change Change
}

// compareCourse decides what must be written so that the database shows what
// the claim asks for; row is nil when there is no entry of this name.
func compareCourse(row *courseRow, claim CourseClaim) (coursePlan, error) {
	if row == nil {
		return planInsert(claim)
	}
	mine := row.UID == claim.UID
	switch {
	case !mine && (row.ArchivedAt == nil || !claim.First):
		return coursePlan{}, &NameConflictError{Namespace: row.Namespace, Name: row.Name}
	case !mine:
		return coursePlan{act: actUpdate, id: row.ID, change: Adopted}, nil
	case row.Generation > claim.Generation:
		return coursePlan{id: row.ID}, ErrStale
	case row.shows(claim.Course):
		return planGeneration(row, claim), nil
	case row.Generation == claim.Generation:
		return coursePlan{act: actUpdate, id: row.ID, change: Repaired}, nil
	default:
		return coursePlan{act: actUpdate, id: row.ID, change: Updated}, nil
	}
}

func planInsert(claim CourseClaim) (coursePlan, error) {
	if claim.KnownID != uuid.Nil {
		return coursePlan{act: actInsert, id: claim.KnownID, change: Repaired}, nil
	}
	if !claim.First {
		return coursePlan{}, &NameConflictError{Name: claim.Name}
	}
	id, err := uuid.NewV7()
	return coursePlan{act: actInsert, id: id, change: Created}, err
}

// planGeneration records a new generation that changes nothing students see.
func planGeneration(row *courseRow, claim CourseClaim) coursePlan {
	if row.Generation == claim.Generation {
		return coursePlan{id: row.ID}
	}
	return coursePlan{act: actUpdate, id: row.ID}
}

// shows reports whether the entry says what the Course asks for.
func (r *courseRow) shows(c Course) bool { return len(r.differences(c)) == 0 }

// differences are the fields of which the entry says something else than the
// Course asks for.
func (r *courseRow) differences(c Course) []Difference {
	var d differences
	d.compare("spec.title", r.Title, c.Title)
	d.compare("spec.description", r.Description, c.Description)
	d.compare("spec.instrument", r.Instrument, c.Instrument)
	d.compare("spec.level", r.Level, c.Level)
	d.compare("spec.priceCategory", r.PriceCategory, c.PriceCategory)
	d.compareIf(!samePrice(r.Price, c.Price), "spec.price.amount", text(r.Price), text(c.Price))
	d.compareIf(!same(r.Currency, c.Currency), "spec.price.currency", text(r.Currency), text(c.Currency))
	d.compareIf(!same(r.Teacher, c.Teacher), "spec.teacher", text(r.Teacher), text(c.Teacher))
	d.compareIf(!slices.Equal(r.AvailableDays, c.AvailableDays), "spec.availableDays",
		strings.Join(r.AvailableDays, ", "), strings.Join(c.AvailableDays, ", "))
	d.compare("spec.published", strconv.FormatBool(r.Published), strconv.FormatBool(c.Published))
	d.compare("metadata.namespace", r.Namespace, c.Namespace)
	d.compareIf(r.ArchivedAt != nil, "archived", "yes", "no")
	return d
}

func same(a, b *string) bool {
	if a == nil || b == nil {
		return a == b
	}
	return *a == *b
}

func samePrice(a, b *string) bool {
	if a == nil || b == nil {
		return a == b
	}
	return twoDecimals(*a) == twoDecimals(*b)
}

// twoDecimals writes a decimal number the way Postgres writes numeric(14,2).
func twoDecimals(number string) string {
	whole, fraction, _ := strings.Cut(number, ".")
	return whole + "." + (fraction + "00")[:2]
}
