// Package store keeps the people in Postgres.
package store

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/riverqueue/river"

	usererrs "github.com/shema-music/shema/services/contracts/user/errs"
	"github.com/shema-music/shema/services/kit/auth"
	"github.com/shema-music/shema/services/kit/postgres"
	"github.com/shema-music/shema/services/user/internal/user"
)

// Outbox announces events and puts jobs in, if and only if the transaction commits.
type Outbox interface {
	Publish(ctx context.Context, tx pgx.Tx, topic string, payload any) error
	PublishAll(ctx context.Context, tx pgx.Tx, topic string, payloads []any) error
	Insert(ctx context.Context, tx pgx.Tx, args river.JobArgs, options *river.InsertOpts) error
}

// Store implements user.Store.
type Store struct {
	pool   *pgxpool.Pool
	outbox Outbox
}

var _ user.Store = (*Store)(nil)

// New returns a store on the pool of the role user_service.
func New(pool *pgxpool.Pool, outbox Outbox) *Store { return &Store{pool: pool, outbox: outbox} }

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

type querier interface {
	Query(ctx context.Context, sql string, args ...any) (pgx.Rows, error)
}

// one runs a query for a single person: user.ErrNotFound if it yields none.
func one(ctx context.Context, db querier, what, sql string, args ...any) (*row, error) {
	rows, err := db.Query(ctx, sql, args...)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", what, err)
	}

	r, err := pgx.CollectExactlyOneRow(rows, pgx.RowToAddrOfStructByName[row])
	if postgres.NotFound(err) {
		return nil, usererrs.NotFound
	}

	if err != nil {
		return nil, fmt.Errorf("%s: %w", what, err)
	}

	return r, nil
}

func many(ctx context.Context, db querier, what, sql string, args ...any) ([]user.User, error) {
	rows, err := db.Query(ctx, sql, args...)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", what, err)
	}

	found, err := pgx.CollectRows(rows, pgx.RowToAddrOfStructByName[row])
	if err != nil {
		return nil, fmt.Errorf("%s: %w", what, err)
	}

	users := make([]user.User, len(found))
	for i, r := range found {
		users[i] = r.user()
	}

	return users, nil
}
