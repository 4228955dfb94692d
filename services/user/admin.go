package main

import (
	"context"
	"errors"
	"fmt"
	"io"

	"golang.org/x/crypto/bcrypt"

	"github.com/shema-music/shema/services/kit/auth"
	"github.com/shema-music/shema/services/kit/clock"
	"github.com/shema-music/shema/services/kit/postgres"
	"github.com/shema-music/shema/services/user/internal/store"
	"github.com/shema-music/shema/services/user/internal/user"
)

// Bounds of a password in bytes, as in the contract; bcrypt reads no more than the upper one.
const minPassword, maxPassword = 8, 72

// ensureAdmin creates the admin of ADMIN_EMAIL and ADMIN_PASSWORD unless there is one with that address: an existing
// admin keeps the password it has.
func ensureAdmin(ctx context.Context, c *Config, out io.Writer) error {
	if c.AdminEmail == "" || c.AdminPassword == "" {
		return errors.New("set ADMIN_EMAIL and ADMIN_PASSWORD")
	}

	if n := len(c.AdminPassword); n < minPassword || n > maxPassword {
		return fmt.Errorf("ADMIN_PASSWORD must have %d to %d bytes", minPassword, maxPassword)
	}

	hash, err := bcrypt.GenerateFromPassword([]byte(c.AdminPassword), bcrypt.DefaultCost)
	if err != nil {
		return fmt.Errorf("hash ADMIN_PASSWORD: %w", err)
	}

	pool, err := postgres.Open(ctx, c.DatabaseURL)
	if err != nil {
		return err
	}
	defer pool.Close()

	a, created, err := user.NewService(store.New(pool, nil, store.NewLetters(pool)), clock.System{}).EnsureAdmin(ctx, c.AdminEmail, string(hash))
	switch {
	case err != nil:
		return fmt.Errorf("ensure the admin: %w", err)
	case created:
		_, _ = fmt.Fprintf(out, "created the admin %s\n", a.Email)
	case a.Role != auth.Admin:
		return fmt.Errorf("%s belongs to a %s; choose another ADMIN_EMAIL, or let an admin change that person's role", a.Email, a.Role)
	default:
		_, _ = fmt.Fprintf(out, "the admin %s exists already\n", a.Email)
	}

	return nil
}
