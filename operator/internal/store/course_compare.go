package store

import (
	"slices"
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
func (r *courseRow) shows(c Course) bool {
	return r.ArchivedAt == nil && r.Namespace == c.Namespace && r.Title == c.Title && r.Description == c.Description &&
		r.Instrument == c.Instrument && r.Level == c.Level && r.PriceCategory == c.PriceCategory &&
		samePrice(r.Price, c.Price) && same(r.Currency, c.Currency) && same(r.Teacher, c.Teacher) &&
		slices.Equal(r.AvailableDays, c.AvailableDays) && r.Published == c.Published
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
