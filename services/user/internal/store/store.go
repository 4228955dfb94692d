// Package store keeps the people in Postgres.
package store

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	usererrs "github.com/shema-music/shema/services/contracts/user/errs"
	"github.com/shema-music/shema/services/kit/auth"
	"github.com/shema-music/shema/services/kit/outbox"
	"github.com/shema-music/shema/services/kit/postgres"
	"github.com/shema-music/shema/services/user/internal/user"
)

// Store implements user.Store.
type Store struct {
	pool    *pgxpool.Pool
	outbox  outbox.Publisher
	letters *Letters
}

var _ user.Store = (*Store)(nil)

// New returns a store on the pool of the role user_service; letters are those that it adds to.
func New(pool *pgxpool.Pool, publisher outbox.Publisher, letters *Letters) *Store {
	return &Store{pool: pool, outbox: publisher, letters: letters}
}

// columns are those of row, in no particular order.
const columns = `id, email, password_hash, full_name, phone, role, status, experience_level, learning_goal,
	preferred_instruments, budget_range, available_days, access_epoch, last_login_at, created_at,
	email_verified_at, language, email_notifications`

// present keeps those out who have left.
const present = "erased_at IS NULL"

type row struct {
	ID                   uuid.UUID
	Email                string
	PasswordHash         string
	FullName             string
	Phone                *string
	Role                 auth.Role
	Status               user.Status
	ExperienceLevel      *string
	LearningGoal         *string
	PreferredInstruments []string
	BudgetRange          *string
	AvailableDays        []string
	AccessEpoch          int64
	LastLoginAt          *time.Time
	CreatedAt            time.Time
	EmailVerifiedAt      *time.Time
	Language             user.Language
	EmailNotifications   bool
}

func (r *row) account() user.Account {
	return user.Account{User: r.user(), PasswordHash: r.PasswordHash, AccessEpoch: r.AccessEpoch}
}

func (r *row) user() user.User {
	return user.User{
		ID:          r.ID,
		Email:       r.Email,
		FullName:    r.FullName,
		Phone:       r.Phone,
		Role:        r.Role,
		Status:      r.Status,
		LastLoginAt: utc(r.LastLoginAt),
		CreatedAt:   r.CreatedAt.UTC(),

		EmailVerifiedAt:    utc(r.EmailVerifiedAt),
		Language:           r.Language,
		EmailNotifications: r.EmailNotifications,

		Preferences: user.Preferences{
			ExperienceLevel:      r.ExperienceLevel,
			LearningGoal:         r.LearningGoal,
			PreferredInstruments: r.PreferredInstruments,
			BudgetRange:          r.BudgetRange,
			AvailableDays:        r.AvailableDays,
		},
	}
}

func utc(t *time.Time) *time.Time {
	if t == nil {
		return nil
	}

	inUTC := t.UTC()

	return &inUTC
}

// one runs a query for a single person: usererrs.NotFound if it yields none.
func one(ctx context.Context, db postgres.Querier, what, sql string, args ...any) (*row, error) {
	r, err := postgres.One(ctx, db, pgx.RowToAddrOfStructByName[row], sql, args...)
	if postgres.NotFound(err) {
		return nil, usererrs.NotFound
	}

	if err != nil {
		return nil, fmt.Errorf("%s: %w", what, err)
	}

	return r, nil
}

func many(ctx context.Context, db postgres.Querier, what, sql string, args ...any) ([]user.User, error) {
	users, err := postgres.List(ctx, db, scanUser, sql, args...)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", what, err)
	}

	return users, nil
}

func scanUser(r pgx.CollectableRow) (user.User, error) {
	found, err := pgx.RowToStructByName[row](r)
	return found.user(), err
}
