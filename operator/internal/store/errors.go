package store

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/jackc/pgx/v5/pgconn"
)

// ErrCourseNotFound says that the database has no course, or only an archived one, of
// the Course that a Schedule refers to.
var ErrCourseNotFound = errors.New("the course is not in the catalogue")

// StaleError says that the database shows a newer generation of the resource than the
// caller knows: the caller is late, or the API server was restored from a backup. A
// caller that has made sure of the latter names the generation in Takeover.
type StaleError struct{ Generation int64 }

// Error names the generation.
func (e *StaleError) Error() string {
	return fmt.Sprintf("the database shows the newer generation %d", e.Generation)
}

// NameConflictError says that the name of a Course is taken by another resource.
type NameConflictError struct {
	// Namespace, Name and UID are those of the other resource, as far as they are known.
	Namespace, Name, UID string
}

// Error names the resource that has the name.
func (e *NameConflictError) Error() string {
	return fmt.Sprintf("the name %s belongs to the Course %s/%s", e.Name, e.Namespace, e.Name)
}

// UnavailableError says that the database could not be reached or refused to work.
// Trying again may help.
type UnavailableError struct{ Cause error }

// Error says in a stable sentence what is wrong, without addresses and names;
// the cause has the details.
func (e *UnavailableError) Error() string {
	if pg := new(pgconn.PgError); errors.As(e.Cause, &pg) {
		return fmt.Sprintf("the database refused: %s (SQLSTATE %s)", pg.Message, pg.Code)
	}

	if errors.Is(e.Cause, context.DeadlineExceeded) {
		return "the database did not answer in time"
	}

	return "the database cannot be reached"
}

// Unwrap returns the cause.
func (e *UnavailableError) Unwrap() error { return e.Cause }

// InvalidDataError says that the database refuses a value of the resource, and will
// refuse it again.
type InvalidDataError struct{ Cause *pgconn.PgError }

// Error says what the database said.
func (e *InvalidDataError) Error() string {
	return fmt.Sprintf("the database refused a value: %s (SQLSTATE %s)", e.Cause.Message, e.Cause.Code)
}

// Unwrap returns the cause.
func (e *InvalidDataError) Unwrap() error { return e.Cause }

// classify turns an error into one of this package's own: what is neither about the
// resource nor about its values is an *UnavailableError.
func classify(err error) error {
	var (
		stale       *StaleError
		conflict    *NameConflictError
		unavailable *UnavailableError
		refused     *pgconn.PgError
	)

	switch {
	case err == nil, errors.Is(err, ErrCourseNotFound), errors.As(err, &stale),
		errors.As(err, &conflict), errors.As(err, &unavailable):
		return err
	case errors.As(err, &refused) && aboutValues(refused.Code):
		return &InvalidDataError{Cause: refused}
	default:
		return &UnavailableError{Cause: err}
	}
}

// aboutValues reports whether a SQLSTATE is about the values of a statement: a data
// exception, or a check or NOT NULL constraint.
func aboutValues(code string) bool {
	const (
		dataException    = "22"
		notNullViolation = "23502"
		checkViolation   = "23514"
	)

	return strings.HasPrefix(code, dataException) || code == notNullViolation || code == checkViolation
}
