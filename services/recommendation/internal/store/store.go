// Package store keeps recommendations in the schema recommendation.
package store

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/shema-music/shema/services/contracts/errs"
	"github.com/shema-music/shema/services/kit/postgres"
	"github.com/shema-music/shema/services/recommendation/internal/recommendation"
)

// Schema is where the tables are, and Role who owns them.
const (
	Schema = "recommendation"
	Role   = "recommendation_service"
)

// keptPerPerson is how many recommendations of a person are kept.
const keptPerPerson = 20

// Store implements recommendation.Store.
type Store struct {
	pool      *pgxpool.Pool
	perMinute int
}

// New returns the store on a pool whose role owns the schema. A student may ask for perMinute recommendations a minute.
func New(pool *pgxpool.Pool, perMinute int) *Store { return &Store{pool: pool, perMinute: perMinute} }

// RecommendToNewcomer are the arguments of the job that makes the recommendation after a registration.
type RecommendToNewcomer struct {
	UserID uuid.UUID `json:"user_id"`
}

// Kind names the job in River's table.
func (RecommendToNewcomer) Kind() string { return "recommend_to_newcomer" }

const columns = "id, user_id, origin, items, created_at"

// row has the fields of columns.
type row struct {
	ID        uuid.UUID             `db:"id"`
	UserID    uuid.UUID             `db:"user_id"`
	Origin    recommendation.Origin `db:"origin"`
	Items     []recommendation.Item `db:"items"`
	CreatedAt time.Time             `db:"created_at"`
}

func scan(r pgx.CollectableRow) (recommendation.Recommendation, error) {
	found, err := pgx.RowToStructByName[row](r)

	return recommendation.Recommendation{
		ID:        found.ID,
		UserID:    found.UserID,
		Origin:    found.Origin,
		Items:     found.Items,
		CreatedAt: found.CreatedAt.UTC(),
	}, err
}

const (
	insert = `INSERT INTO recommendation.recommendations (id, user_id, origin, items) VALUES ($1, $2, $3, $4)
		ON CONFLICT (user_id) WHERE origin = 'registration' DO NOTHING
		RETURNING ` + columns
	// forgetOld keeps what budgets are counted by, whatever they are.
	forgetOld = `DELETE FROM recommendation.recommendations WHERE id IN (
		SELECT id FROM recommendation.recommendations WHERE user_id = $1
		ORDER BY created_at DESC, id DESC OFFSET greatest($2::int, $3::int))`
)

// Add implements recommendation.Store.
func (s *Store) Add(ctx context.Context, r recommendation.Recommendation) (kept recommendation.Recommendation, added bool, err error) {
	err = postgres.InTx(ctx, s.pool, func(ctx context.Context, tx pgx.Tx) error {
		if err := lockPerson(ctx, tx, r.UserID); err != nil {
			return err
		}

		if err := present(ctx, tx, r.UserID); err != nil {
			return err
		}

		if r.Origin == recommendation.OnRequest {
			if err := s.budgetOf(ctx, tx, r.UserID); err != nil {
				return err
			}
		}

		kept, added, err = s.add(ctx, tx, r)

		return err
	})

	return kept, added, err
}

// add keeps a recommendation, and no more than the newest ones of the person.
func (s *Store) add(ctx context.Context, tx pgx.Tx, r recommendation.Recommendation) (recommendation.Recommendation, bool, error) {
	kept, err := postgres.Maybe(ctx, tx, scan, insert, r.ID, r.UserID, r.Origin, r.Items)
	if err != nil {
		return recommendation.Recommendation{}, false, fmt.Errorf("keep a recommendation: %w", err)
	}

	if kept == nil {
		return recommendation.Recommendation{}, false, nil
	}

	if _, err := tx.Exec(ctx, forgetOld, r.UserID, keptPerPerson, s.perMinute); err != nil {
		return recommendation.Recommendation{}, false, fmt.Errorf("delete old recommendations: %w", err)
	}

	return *kept, true, nil
}

// Latest implements recommendation.Store.
func (s *Store) Latest(ctx context.Context, userID uuid.UUID) (recommendation.Recommendation, error) {
	found, err := postgres.One(ctx, s.pool, scan, `
		SELECT `+columns+` FROM recommendation.recommendations
		WHERE user_id = $1 ORDER BY created_at DESC, id DESC LIMIT 1`, userID)
	if postgres.NotFound(err) {
		return recommendation.Recommendation{}, errs.NotFound
	}

	if err != nil {
		return recommendation.Recommendation{}, fmt.Errorf("find the latest recommendation: %w", err)
	}

	return found, nil
}

// newest is the place before the first recommendation of every list.
var newest = recommendation.Position{CreatedAt: time.Date(9999, 12, 31, 0, 0, 0, 0, time.UTC), ID: uuid.Max}

// List implements recommendation.Store.
func (s *Store) List(
	ctx context.Context, userID uuid.UUID, after *recommendation.Position, limit int,
) ([]recommendation.Recommendation, error) {
	beyond := newest
	if after != nil {
		beyond = *after
	}

	found, err := postgres.List(ctx, s.pool, scan, `
		SELECT `+columns+` FROM recommendation.recommendations
		WHERE user_id = $1 AND (created_at, id) < ($2, $3)
		ORDER BY created_at DESC, id DESC LIMIT $4`, userID, beyond.CreatedAt, beyond.ID, limit)
	if err != nil {
		return nil, fmt.Errorf("list recommendations: %w", err)
	}

	return found, nil
}
