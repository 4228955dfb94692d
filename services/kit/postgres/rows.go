package postgres

import (
	"context"

	"github.com/jackc/pgx/v5"
)

// Querier runs queries: a pool, a connection or a transaction.
type Querier interface {
	Query(ctx context.Context, sql string, args ...any) (pgx.Rows, error)
}

// List returns all rows of a query, each read by scan (pgx.RowToStructByName, pgx.RowTo or a function of one's own);
// never nil.
func List[T any](ctx context.Context, q Querier, scan pgx.RowToFunc[T], sql string, args ...any) ([]T, error) {
	rows, err := q.Query(ctx, sql, args...)
	if err != nil {
		return nil, err
	}

	return pgx.CollectRows(rows, scan)
}

// One returns the only row of a query. NotFound knows the error if there is none; two are an error too.
func One[T any](ctx context.Context, q Querier, scan pgx.RowToFunc[T], sql string, args ...any) (T, error) {
	rows, err := q.Query(ctx, sql, args...)
	if err != nil {
		var none T
		return none, err
	}

	return pgx.CollectExactlyOneRow(rows, scan)
}

// Maybe returns the first row of a query, or nil if it finds none.
func Maybe[T any](ctx context.Context, q Querier, scan pgx.RowToFunc[T], sql string, args ...any) (*T, error) {
	rows, err := q.Query(ctx, sql, args...)
	if err != nil {
		return nil, err
	}

	found, err := pgx.CollectOneRow(rows, scan)
	if NotFound(err) {
		return nil, nil //nolint:nilnil // nothing was found, and that is no failure
	}

	if err != nil {
		return nil, err
	}

	return &found, nil
}
