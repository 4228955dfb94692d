package postgres

import (
	"context"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
)

// Beginner starts transactions; a pool and a connection do.
type Beginner interface {
	BeginTx(ctx context.Context, options pgx.TxOptions) (pgx.Tx, error)
}

// InTx runs fn in a transaction (read committed) and commits it if fn returns nil. A transaction that lost a deadlock
// or a serialization conflict runs again, so fn must leave nothing behind outside of its transaction.
func InTx(ctx context.Context, db Beginner, fn func(ctx context.Context, tx pgx.Tx) error) error {
	return retry(func() error { return inTx(ctx, db, pgx.TxOptions{}, fn) })
}

// InSnapshot runs fn in a read-only transaction in which all statements see the same state of the database.
func InSnapshot(ctx context.Context, db Beginner, fn func(ctx context.Context, tx pgx.Tx) error) error {
	options := pgx.TxOptions{IsoLevel: pgx.RepeatableRead, AccessMode: pgx.ReadOnly}
	return retry(func() error { return inTx(ctx, db, options, fn) })
}

func inTx(ctx context.Context, db Beginner, options pgx.TxOptions, fn func(context.Context, pgx.Tx) error) error {
	tx, err := db.BeginTx(ctx, options)
	if err != nil {
		return fmt.Errorf("begin a transaction: %w", err)
	}

	// After a commit this does nothing; after a panic or an error it frees the connection.
	defer func() { _ = tx.Rollback(context.WithoutCancel(ctx)) }()

	var then afterCommit

	if err := fn(context.WithValue(ctx, afterCommitKey{}, &then), tx); err != nil {
		return err
	}

	if err := tx.Commit(ctx); err != nil {
		return fmt.Errorf("commit a transaction: %w", err)
	}

	for _, do := range then.all {
		do()
	}

	return nil
}

// afterCommit are the functions that wait for the commit of the transaction whose context holds them.
type afterCommit struct{ all []func() }

type afterCommitKey struct{}

// AfterCommit calls do once the transaction of InTx has been committed whose context this is. With any other context it
// is called at once. It is a hint for this process, such as "look into that table", and is lost with the process.
func AfterCommit(ctx context.Context, do func()) {
	if then, ok := ctx.Value(afterCommitKey{}).(*afterCommit); ok {
		then.all = append(then.all, do)
		return
	}

	do()
}

func retry(try func() error) error {
	var err error
	for range attempts {
		if err = try(); !lostRace(err) {
			return err
		}
	}

	return err
}

func lostRace(err error) bool {
	var pg *pgconn.PgError
	return errors.As(err, &pg) && (pg.Code == "40001" || pg.Code == "40P01")
}

// Constraint returns the name of the constraint or unique index that a statement violated, so that a store can turn it
// into the domain's error.
func Constraint(err error) (name string, ok bool) {
	var pg *pgconn.PgError
	if !errors.As(err, &pg) {
		return "", false
	}

	switch pg.Code {
	case "23502", "23503", "23505", "23514", "23P01":
		return pg.ConstraintName, true
	}

	return "", false
}

// NotFound reports whether a query that wanted one row got none.
func NotFound(err error) bool { return errors.Is(err, pgx.ErrNoRows) }
