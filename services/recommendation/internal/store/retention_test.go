package store_test

import (
	"context"
	"testing"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/shema-music/shema/services/kit/pgtest"
	"github.com/shema-music/shema/services/recommendation/internal/recommendation"
	"github.com/shema-music/shema/services/recommendation/internal/store/storetest"
)

// What is old goes when there are twenty newer ones, which TestStore_Add_Retention sees.
func TestStore_Retention(t *testing.T) {
	t.Parallel()

	pgtest.CheckRetention(t, func(t *testing.T) (*pgxpool.Pool, func(context.Context) error) {
		db := storetest.New(t)
		student := uuid.New()

		return db.Pool, func(ctx context.Context) error {
			if _, _, err := db.Store.Add(ctx, given(student, recommendation.OnRequest)); err != nil {
				return err
			}

			_, err := db.Pool.Exec(ctx, "DELETE FROM recommendation.recommendations WHERE user_id = $1", student)

			return err
		}
	}, []pgtest.Retention{
		{
			Table: "recommendation.recommendations",
			Kept:  "the newest 20 of a person",
			Make: []string{`INSERT INTO recommendation.recommendations (id, user_id, origin, items)
				VALUES (gen_random_uuid(), gen_random_uuid(), 'registration', '[]')`},
			Column: "created_at",
		},
		{
			Table:  "recommendation.erased_people",
			Kept:   "for ever",
			Make:   []string{`INSERT INTO recommendation.erased_people (user_id) VALUES (gen_random_uuid())`},
			Column: "at",
		},
	}...)
}
