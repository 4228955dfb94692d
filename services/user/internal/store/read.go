package store

import (
	"context"
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/shema-music/shema/services/kit/postgres"
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

// matching finds people by a pattern. The ICU collation makes the search independent of the database's locale: under "C", É
// would not match é. The index users_search holds exactly these expressions.
func matching(pattern string) string {
	return `(lower(full_name COLLATE "und-x-icu") LIKE lower(` + pattern + ` COLLATE "und-x-icu")
		OR lower(email COLLATE "und-x-icu") LIKE lower(` + pattern + ` COLLATE "und-x-icu"))`
}

// The plans have to be made for each question (QueryExecModeCacheDescribe): one for all of them would go through all people.
var (
	listUsers = `SELECT ` + columns + ` FROM users.users
		WHERE ` + present + ` AND ($1 = '' OR role = $1) AND ($2 = '' OR status = $2)
		AND ($3 = '' OR ` + matching("$3") + `) AND ($4::uuid[] IS NULL OR id = ANY ($4))
		AND ($5::timestamptz IS NULL OR (created_at, id) < ($5, $6))
		ORDER BY created_at DESC, id DESC LIMIT $7`
	findUsers = `SELECT id FROM users.users WHERE ` + present + ` AND ` + matching("$1") + ` LIMIT $2`
)

// fewHits is how many people a search may find for their ids to be looked up before they are put in order. Postgres cannot
// know how frequent a part of a name is: of a rare one it would go through all people, newest first.
const fewHits = 500

// shortestIndexed is how many letters a search needs for the index to help.
const shortestIndexed = 3

// hits returns the ids of those who match if they are few, and nil if they are many or the index can't tell.
func (s *Store) hits(ctx context.Context, text string) ([]uuid.UUID, error) {
	if utf8.RuneCountInString(text) < shortestIndexed {
		return nil, nil
	}

	ids, err := postgres.List(ctx, s.pool, pgx.RowTo[uuid.UUID], findUsers, pgx.QueryExecModeCacheDescribe, pattern(text), fewHits)
	if err != nil {
		return nil, fmt.Errorf("search users: %w", err)
	}

	if len(ids) == fewHits {
		return nil, nil
	}

	return ids, nil
}

// List returns at most limit people after the position, newest first.
func (s *Store) List(ctx context.Context, f user.Filter, after *user.Position, limit int) ([]user.User, error) {
	var (
		createdAt *time.Time
		id        *uuid.UUID
	)
	if after != nil {
		createdAt, id = &after.CreatedAt, &after.ID
	}

	hits, err := s.hits(ctx, f.Text)
	if err != nil {
		return nil, err
	}

	return many(ctx, s.pool, "list users", listUsers, pgx.QueryExecModeCacheDescribe,
		string(f.Role), string(f.Status), pattern(f.Text), hits, createdAt, id, limit)
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
