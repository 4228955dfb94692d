package auth

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"runtime"
	"strings"
	"unicode/utf8"

	"golang.org/x/crypto/bcrypt"
	"golang.org/x/text/unicode/norm"

	"github.com/shema-music/shema/services/contracts/errs"
)

// PasswordCost is bcrypt's cost of the passwords that we keep.
const PasswordCost = 10

// Passwords hashes and checks passwords.
type Passwords interface {
	// Hash returns what is kept of a password that CheckNewPassword accepts.
	Hash(ctx context.Context, password string) (string, error)
	// Matches reports whether hash was made from password. What it takes
	// depends on the password alone, not on the hash.
	Matches(ctx context.Context, hash, password string) (bool, error)
	// Unmatched returns a hash that no password matches, for accounts that do not exist.
	Unmatched() string
}

// Bcrypt implements Passwords. It works on as many passwords at once as there are processors; the others wait, so that
// a crowd signing in makes no other request slower than it has to be. It is made by NewBcrypt.
type Bcrypt struct {
	cost      int
	unmatched string
	slots     chan struct{}
}

// NewBcrypt returns a Bcrypt; the cost is PasswordCost except in tests.
func NewBcrypt(cost int) (*Bcrypt, error) {
	hash, err := bcrypt.GenerateFromPassword([]byte(rand.Text()), cost)
	if err != nil {
		return nil, fmt.Errorf("make a hash that no password has: %w", err)
	}

	return &Bcrypt{cost: cost, unmatched: string(hash), slots: make(chan struct{}, runtime.GOMAXPROCS(0))}, nil
}

// Unmatched returns a hash that no password matches.
func (b *Bcrypt) Unmatched() string { return b.unmatched }

// Hash returns the bcrypt hash.
func (b *Bcrypt) Hash(ctx context.Context, password string) (string, error) {
	if err := b.enter(ctx); err != nil {
		return "", err
	}

	defer b.leave()

	hash, err := bcrypt.GenerateFromPassword([]byte(normalize(password)), b.cost)
	if err != nil {
		return "", fmt.Errorf("hash a password: %w", err)
	}

	return string(hash), nil
}

// Matches reports whether hash was made from password, in its normalized form or, as hashes were made formerly, in the
// form given.
func (b *Bcrypt) Matches(ctx context.Context, hash, password string) (bool, error) {
	if err := b.enter(ctx); err != nil {
		return false, err
	}

	defer b.leave()

	right, err := b.matches(hash, normalize(password))
	if right || err != nil || norm.NFKC.IsNormalString(password) {
		return right, err
	}

	return b.matches(hash, password)
}

func (b *Bcrypt) matches(hash, password string) (bool, error) {
	possible := len(password) <= maxPasswordBytes && !strings.ContainsFunc(password, neverKept)
	if !possible {
		// bcrypt would look at the first 72 bytes, and take a NUL for an end: no password of ours, at the same price.
		password, hash = "", b.unmatched
	}

	err := bcrypt.CompareHashAndPassword([]byte(hash), []byte(password))
	if err != nil && !errors.Is(err, bcrypt.ErrMismatchedHashAndPassword) {
		return false, fmt.Errorf("compare a password: %w", err)
	}

	return err == nil && possible, nil
}

// neverKept reports whether no password that we keep has this character.
func neverKept(r rune) bool { return r == 0 || r == utf8.RuneError }

func (b *Bcrypt) enter(ctx context.Context) error {
	select {
	case b.slots <- struct{}{}:
		return nil
	case <-ctx.Done():
		return errs.Unavailable.Wrap(fmt.Errorf("wait to work on a password: %w", ctx.Err()))
	}
}

func (b *Bcrypt) leave() { <-b.slots }
