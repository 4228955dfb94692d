// Package store keeps the course tables in step with Course and Schedule
// resources. It observes, compares with pure functions, and writes only on
// difference, in one transaction. It never touches who holds a slot.
package store

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"

	courseevents "github.com/shema-music/shema/services/contracts/course/events"
	"github.com/shema-music/shema/services/kit/postgres"
)

// Publisher puts an event into the outbox, in the transaction of the change
// that it tells about.
type Publisher interface {
	Publish(ctx context.Context, tx pgx.Tx, topic string, payload any) error
}

// Store reads and writes the catalogue columns of the course schema.
type Store struct {
	pool   *pgxpool.Pool
	outbox Publisher
}

// New returns a store on the pool, which must be connected as catalog_operator.
func New(pool *pgxpool.Pool, outbox Publisher) *Store {
	return &Store{pool: pool, outbox: outbox}
}

// Origin is the resource that a row comes from.
type Origin struct {
	Namespace, Name, UID string
	Generation           int64
}

// Change says what a call did to the database.
type Change string

// What a call can do.
const (
	// Unchanged: the database already showed what was asked for.
	Unchanged Change = ""
	// Created: the rows are new.
	Created Change = "Created"
	// Adopted: an archived course was taken up again.
	Adopted Change = "Adopted"
	// Updated: rows were brought to a new generation of the resource.
	Updated Change = "Updated"
	// Repaired: rows had been changed behind the operator's back.
	Repaired Change = "Repaired"
	// Withdrawn: rows were hidden, archived or removed.
	Withdrawn Change = "Withdrawn"
)

// ErrCourseNotFound says that the database has no course, or only an archived one, of
// the Course that a Schedule refers to.
var ErrCourseNotFound = errors.New("the course is not in the catalogue")

// ErrStale says that the database already shows a newer generation of the resource.
var ErrStale = errors.New("the database shows a newer generation")

// NameConflictError says that the name of a Course is taken by another resource.
type NameConflictError struct{ Namespace, Name string }

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

// inTx runs fn in a transaction and sorts its error: what is not one of this
// package's own answers is an *UnavailableError.
func (s *Store) inTx(ctx context.Context, fn func(ctx context.Context, tx pgx.Tx) error) error {
	return sorted(postgres.InTx(ctx, s.pool, fn))
}

func sorted(err error) error {
	var conflict *NameConflictError
	var unavailable *UnavailableError
	switch {
	case err == nil, errors.Is(err, ErrCourseNotFound), errors.Is(err, ErrStale),
		errors.As(err, &conflict), errors.As(err, &unavailable):
		return err
	default:
		return &UnavailableError{Cause: err}
	}
}

// announce puts catalog.changed into the outbox.
func (s *Store) announce(ctx context.Context, tx pgx.Tx, kind, name string, courseID uuid.UUID, now time.Time) error {
	return s.outbox.Publish(ctx, tx, courseevents.TopicCatalogChanged, courseevents.CatalogChanged{
		EventType: courseevents.TypeCatalogChanged, Kind: kind, Name: name, CourseID: courseID, Timestamp: now.UTC(),
	})
}

// querier runs queries: a pool or a transaction.
type querier interface {
	Query(ctx context.Context, sql string, args ...any) (pgx.Rows, error)
	Exec(ctx context.Context, sql string, args ...any) (pgconn.CommandTag, error)
}
