package store

import (
	"context"
	"errors"
	"fmt"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	usererrs "github.com/shema-music/shema/services/contracts/user/errs"
	"github.com/shema-music/shema/services/kit/postgres"
	"github.com/shema-music/shema/services/user/internal/user"
)

const emailTaken = "users_email_taken"

const insertUser = `INSERT INTO users.users (id, email, email_key, password_hash, full_name, phone, role, status,
		experience_level, learning_goal, preferred_instruments, budget_range, available_days, language)
	VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)
	ON CONFLICT (id) DO NOTHING RETURNING ` + columns

// Create adds a person and announces the events in the same transaction; see user.Store.
func (s *Store) Create(ctx context.Context, n *user.NewAccount, announce ...user.Event) (user.Account, error) {
	var created user.Account

	err := postgres.InTx(ctx, s.pool, func(ctx context.Context, tx pgx.Tx) error {
		r, err := one(ctx, tx, "create a user", insertUser, n.ID, n.Email, n.EmailKey, n.PasswordHash, n.FullName,
			n.Phone, n.Role, n.Status, n.ExperienceLevel, n.LearningGoal, n.PreferredInstruments, n.BudgetRange, n.AvailableDays,
			n.Language)
		if err != nil {
			return err
		}

		created = r.account()

		if n.Letter != nil {
			if err := s.letters.add(ctx, tx, n.Letter); err != nil {
				return err
			}
		}

		return s.announce(ctx, tx, announce)
	})

	constraint, _ := postgres.Constraint(err)
	if errors.Is(err, usererrs.NotFound) || constraint == emailTaken {
		return s.repeated(ctx, n.ID)
	}

	return created, err
}

// repeated answers a creation that found its id or its address taken. Two identical calls at once may see either.
func (s *Store) repeated(ctx context.Context, id uuid.UUID) (user.Account, error) {
	a, err := s.ByID(ctx, id)
	if errors.Is(err, usererrs.NotFound) {
		return user.Account{}, usererrs.EmailTaken
	}

	return a, err
}

func (s *Store) announce(ctx context.Context, tx pgx.Tx, events []user.Event) error {
	for _, e := range events {
		if err := s.outbox.Publish(ctx, tx, e.Topic, e.Payload); err != nil {
			return fmt.Errorf("announce %s: %w", e.Topic, err)
		}
	}

	return nil
}

const updateProfile = `UPDATE users.users SET
	full_name = CASE WHEN $2 THEN $3 ELSE full_name END,
	phone = CASE WHEN $4 THEN $5 ELSE phone END,
	experience_level = CASE WHEN $6 THEN $7 ELSE experience_level END,
	learning_goal = CASE WHEN $8 THEN $9 ELSE learning_goal END,
	preferred_instruments = CASE WHEN $10 THEN $11 ELSE preferred_instruments END,
	budget_range = CASE WHEN $12 THEN $13 ELSE budget_range END,
	available_days = CASE WHEN $14 THEN $15 ELSE available_days END,
	language = CASE WHEN $16 THEN $17 ELSE language END,
	email_notifications = CASE WHEN $18 THEN $19 ELSE email_notifications END,
	updated_at = now()
	WHERE id = $1 AND ` + present + ` RETURNING ` + columns

// UpdateProfile changes the fields that are set.
func (s *Store) UpdateProfile(ctx context.Context, id uuid.UUID, p *user.ProfileUpdate) (user.User, error) {
	r, err := one(ctx, s.pool, "update a profile", updateProfile, id,
		p.FullName.Set, p.FullName.Value, p.Phone.Set, p.Phone.Value,
		p.ExperienceLevel.Set, p.ExperienceLevel.Value, p.LearningGoal.Set, p.LearningGoal.Value,
		p.PreferredInstruments.Set, p.PreferredInstruments.Value, p.BudgetRange.Set, p.BudgetRange.Value,
		p.AvailableDays.Set, p.AvailableDays.Value, p.Language.Set, p.Language.Value,
		p.EmailNotifications.Set, p.EmailNotifications.Value)
	if err != nil {
		return user.User{}, err
	}

	return r.user(), nil
}

// SetPassword replaces the hash; emailVerified notes that the address was verified with it.
func (s *Store) SetPassword(ctx context.Context, id uuid.UUID, hash string, emailVerified bool) error {
	_, err := one(ctx, s.pool, "set a password", `UPDATE users.users SET password_hash = $2, updated_at = now(),
		email_verified_at = CASE WHEN $3 THEN coalesce(email_verified_at, now()) ELSE email_verified_at END
		WHERE id = $1 AND `+present+` RETURNING `+columns, id, hash, emailVerified)

	return err
}

// RecordLogin notes a login, unless the person is suspended, and returns the account.
func (s *Store) RecordLogin(ctx context.Context, id uuid.UUID) (user.Account, error) {
	r, err := one(ctx, s.pool, "record a login", `UPDATE users.users
		SET last_login_at = CASE WHEN status = 'suspended' THEN last_login_at ELSE now() END
		WHERE id = $1 AND `+present+` RETURNING `+columns, id)
	if err != nil {
		return user.Account{}, err
	}

	return r.account(), nil
}

const activate = `UPDATE users.users SET status = 'active', updated_at = now()
	WHERE id = ANY($1) AND status = 'pending' AND role = 'student' AND ` + present

// Activate makes a pending student active, in the caller's transaction. All others stay as they are.
func (s *Store) Activate(ctx context.Context, tx pgx.Tx, id uuid.UUID) error {
	if _, err := tx.Exec(ctx, activate, []uuid.UUID{id}); err != nil {
		return fmt.Errorf("activate a student: %w", err)
	}

	return nil
}

// ActivateAll makes those of the people active who are pending students.
func (s *Store) ActivateAll(ctx context.Context, ids []uuid.UUID) error {
	if _, err := s.pool.Exec(ctx, activate, ids); err != nil {
		return fmt.Errorf("activate students: %w", err)
	}

	return nil
}
