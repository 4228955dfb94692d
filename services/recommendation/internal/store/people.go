package store

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/shema-music/shema/services/contracts/errs"
	usererrs "github.com/shema-music/shema/services/contracts/user/errs"
	"github.com/shema-music/shema/services/kit/inbox"
	"github.com/shema-music/shema/services/kit/postgres"
)

// ReportErased are the arguments of the job that says that nothing of a person is kept here any more.
type ReportErased struct {
	UserID uuid.UUID `json:"user_id"`
}

// Kind names the job in River's table.
func (ReportErased) Kind() string { return "report_erased" }

// Forget deletes what a person was recommended, in the transaction. Nothing of theirs is kept from now on. Doing it again
// is harmless.
func (s *Store) Forget(ctx context.Context, tx pgx.Tx, userID uuid.UUID) error {
	if err := lockPerson(ctx, tx, userID); err != nil {
		return err
	}

	for _, sql := range []string{
		"INSERT INTO recommendation.erased_people (user_id) VALUES ($1) ON CONFLICT DO NOTHING",
		"DELETE FROM recommendation.recommendations WHERE user_id = $1",
	} {
		if _, err := tx.Exec(ctx, sql, userID); err != nil {
			return fmt.Errorf("forget a person: %w", err)
		}
	}

	return inbox.Forget(ctx, tx, Schema, userID)
}

// lockPerson makes all that is written for one person wait for each other: budgets are kept, and no person who leaves
// is brought back.
func lockPerson(ctx context.Context, tx pgx.Tx, userID uuid.UUID) error {
	_, err := tx.Exec(ctx, "SELECT pg_advisory_xact_lock($1)", postgres.LockKey("recommendation of "+userID.String()))
	if err != nil {
		return fmt.Errorf("wait for other recommendations of a person: %w", err)
	}

	return nil
}

// present returns usererrs.NotFound for who has left.
func present(ctx context.Context, tx pgx.Tx, userID uuid.UUID) error {
	var left bool

	err := tx.QueryRow(ctx, "SELECT EXISTS (SELECT FROM recommendation.erased_people WHERE user_id = $1)", userID).Scan(&left)
	if err != nil {
		return fmt.Errorf("look for who has left: %w", err)
	}

	if left {
		return usererrs.NotFound
	}

	return nil
}

// untilNext is how many seconds the last of the budget's requests still counts; no row if there are fewer.
const untilNext = `SELECT extract(epoch FROM created_at + $3::interval - clock_timestamp())::float8
	FROM recommendation.recommendations
	WHERE user_id = $1 AND origin = 'request' AND created_at > clock_timestamp() - $3::interval
	ORDER BY created_at DESC, id DESC OFFSET $2 - 1 LIMIT 1`

// budgetOf returns errs.RateLimited, with when the next one may be made, if a person has used up the budget.
func (s *Store) budgetOf(ctx context.Context, q postgres.Querier, userID uuid.UUID) error {
	seconds, err := postgres.Maybe(ctx, q, pgx.RowTo[float64], untilNext, userID, s.perMinute, time.Minute)
	if err != nil {
		return fmt.Errorf("count recommendations: %w", err)
	}

	if seconds == nil {
		return nil
	}

	return errs.RateLimited.After(max(time.Duration(*seconds*float64(time.Second)), time.Second))
}

// Admit implements recommendation.Store.
func (s *Store) Admit(ctx context.Context, userID uuid.UUID) error {
	return s.budgetOf(ctx, s.pool, userID)
}
