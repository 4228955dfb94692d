// Package store keeps the course tables in step with Course and Schedule
// resources. It observes, compares with pure functions, and writes only on
// difference, in one transaction. It never touches who holds a slot.
package store

import (
	"context"
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
	// Adopted: rows of a resource that does not exist any more were taken over.
	Adopted Change = "Adopted"
	// Updated: rows were brought to a new generation of the resource.
	Updated Change = "Updated"
	// Repaired: rows had been changed behind the operator's back.
	Repaired Change = "Repaired"
	// Withdrawn: rows were hidden, archived or removed.
	Withdrawn Change = "Withdrawn"
)

// Takeover is what the caller has found out about rows that are in the way.
type Takeover struct {
	// Generation is the newest generation of the resource that the rows may show
	// although the resource itself is older: the API server was restored from a
	// backup, and these rows come from the time that was lost.
	Generation int64
	// Orphan is a uid that no resource has: its rows may be adopted.
	Orphan string
	// Misnamed is the uid of a Course with another name: its entry must not have the
	// name that it has.
	Misnamed string
}

// inTx runs fn in a transaction and classifies its error.
func (s *Store) inTx(ctx context.Context, fn func(ctx context.Context, tx pgx.Tx) error) error {
	return classify(postgres.InTx(ctx, s.pool, fn))
}

// announce puts catalog.changed into the outbox.
func (s *Store) announce(ctx context.Context, tx pgx.Tx, kind, name string, courseID uuid.UUID, now time.Time) error {
	return s.outbox.Publish(ctx, tx, courseevents.TopicCatalogChanged, courseevents.CatalogChanged{
		EventType: courseevents.TypeCatalogChanged,
		Kind:      kind,
		Name:      name,
		CourseID:  courseID,
		Timestamp: now.UTC(),
	})
}

// querier runs queries: a pool or a transaction.
type querier interface {
	Query(ctx context.Context, sql string, args ...any) (pgx.Rows, error)
	Exec(ctx context.Context, sql string, args ...any) (pgconn.CommandTag, error)
}
