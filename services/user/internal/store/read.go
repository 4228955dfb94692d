package store

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/shema-music/shema/services/user/internal/user"
)

// ByID returns the account with that id.
func (s *Store) ByID(ctx context.Context, id uuid.UUID) (user.Account, error) {
	r, err := one(ctx, s.pool, "read a user", "SELECT "+columns+" FROM users.users WHERE id = $1 AND "+present, id)
	if err != nil {
		return user.Account{}, err
	}

	return r.account(), nil
}

// ByEmailKey returns the account with that folded address.
func (s *Store) ByEmailKey(ctx context.Context, key string) (user.Account, error) {
	r, err := one(ctx, s.pool, "read a user", "SELECT "+columns+" FROM users.users WHERE email_key = $1 AND "+present, key)
	if err != nil {
		return user.Account{}, err
	}

	return r.account(), nil
}

// ByIDs returns those of the people who exist.
func (s *Store) ByIDs(ctx context.Context, ids []uuid.UUID) ([]user.User, error) {
	return many(ctx, s.pool, "read users", "SELECT "+columns+" FROM users.users WHERE id = ANY($1) AND "+present, ids)
}

// The ICU collation makes the search independent of the database's locale: under "C", É would not match é. The index
// users_search holds exactly these expressions.
//
// The plan has to be made for each question (QueryExecModeCacheDescribe): one for all of them would go through all people.
const listUsers = `SELECT ` + columns + ` FROM users.users
	WHERE ` + present + ` AND ($1 = '' OR role = $1) AND ($2 = '' OR status = $2)
	AND ($3 = '' OR lower(full_name COLLATE "und-x-icu") LIKE lower($3 COLLATE "und-x-icu")
		OR lower(email COLLATE "und-x-icu") LIKE lower($3 COLLATE "und-x-icu"))
	AND ($4::timestamptz IS NULL OR (created_at, id) < ($4, $5))
	ORDER BY created_at DESC, id DESC LIMIT $6`

// List returns at most limit people after the position, newest first.
func (s *Store) List(ctx context.Context, f user.Filter, after *user.Position, limit int) ([]user.User, error) {
	var (
		createdAt *time.Time
		id        *uuid.UUID
	)
	if after != nil {
		createdAt, id = &after.CreatedAt, &after.ID
	}

	return many(ctx, s.pool, "list users", listUsers, pgx.QueryExecModeCacheDescribe, string(f.Role), string(f.Status), pattern(f.Text), createdAt, id, limit)
}

// pattern returns the LIKE pattern for texts that contain text, or nothing for an empty one.
func pattern(text string) string {
	if text == "" {
		return ""
	}

	return "%" + strings.NewReplacer(`\`, `\\`, `%`, `\%`, `_`, `\_`).Replace(text) + "%"
}

// CountStudents returns how many students there are, whatever their status.
func (s *Store) CountStudents(ctx context.Context) (int64, error) {
	var count int64

	err := s.pool.QueryRow(ctx, "SELECT sum(count)::bigint FROM users.student_counts").Scan(&count)
	if err != nil {
		return 0, fmt.Errorf("count students: %w", err)
	}

	return count, nil
}
