package store

import (
	"context"
	"encoding/binary"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/shema-music/shema/services/auth/internal/auth"
	"github.com/shema-music/shema/services/kit/postgres"
)

// everywhere stands in the place of a network in a lock of the address for all unknown networks.
const everywhere = ""

// Begin judges one more guess and, if it is admitted, counts it as pending.
func (s *Store) Begin(ctx context.Context, e auth.EmailHash, network string) (id int64, v auth.Verdict, err error) {
	err = s.underLock(ctx, e, network, func(ctx context.Context, tx pgx.Tx, t *auth.Tally) error {
		if v = t.Verdict(); !v.Admitted {
			return nil
		}

		err := tx.QueryRow(ctx, "INSERT INTO auth.login_attempts (email_hash, network) VALUES ($1, $2) RETURNING id",
			e[:], network).Scan(&id)
		if err != nil {
			return fmt.Errorf("count a guess: %w", err)
		}

		return nil
	})

	return id, v, err
}

// Fail makes the guess a wrong one; a nil entry writes no line.
func (s *Store) Fail(ctx context.Context, id int64, e auth.EmailHash, network string, entry *auth.Entry) error {
	return postgres.InTx(ctx, s.pool, func(ctx context.Context, tx pgx.Tx) error {
		if err := lockEmail(ctx, tx, e); err != nil {
			return err
		}

		if _, err := tx.Exec(ctx, "UPDATE auth.login_attempts SET pending = false WHERE id = $1", id); err != nil {
			return fmt.Errorf("count a wrong guess: %w", err)
		}

		if entry != nil {
			if err := record(ctx, tx, *entry); err != nil {
				return err
			}
		}

		t, err := tally(ctx, tx, e, network)
		if err != nil {
			return err
		}

		return addLocks(ctx, tx, e, network, t)
	})
}

// Succeed forgets the guess; signedIn makes the network a known one. The statements are one transaction and travel in one
// message: every sign-in waits for them.
func (s *Store) Succeed(
	ctx context.Context, id int64, e auth.EmailHash, network string, signedIn bool, entry auth.Entry,
) error {
	line, err := newLines(entry)
	if err != nil {
		return err
	}

	batch := &pgx.Batch{}
	batch.Queue(withdrawGuess, id)
	batch.Queue(insertLines, line...)

	if signedIn {
		batch.Queue(rememberNetwork, e[:], network)
	}

	if err := s.pool.SendBatch(ctx, batch).Close(); err != nil {
		return fmt.Errorf("note a right guess: %w", err)
	}

	return nil
}

// Registered makes the network of a registration a known one: registering is the first sign-in.
func (s *Store) Registered(ctx context.Context, e auth.EmailHash, network string, entry auth.Entry) error {
	line, err := newLines(entry)
	if err != nil {
		return err
	}

	batch := &pgx.Batch{}
	batch.Queue(insertLines, line...)
	batch.Queue(rememberNetwork, e[:], network)

	if err := s.pool.SendBatch(ctx, batch).Close(); err != nil {
		return fmt.Errorf("note a registration: %w", err)
	}

	return nil
}

const (
	withdrawGuess   = "DELETE FROM auth.login_attempts WHERE id = $1"
	rememberNetwork = `INSERT INTO auth.known_networks (email_hash, network, last_login_at)
		VALUES ($1, $2, clock_timestamp())
		ON CONFLICT (email_hash, network) DO UPDATE SET last_login_at = excluded.last_login_at`
)

// Withdraw forgets a guess whose password was never looked at.
func (s *Store) Withdraw(ctx context.Context, id int64) error {
	if _, err := s.pool.Exec(ctx, withdrawGuess, id); err != nil {
		return fmt.Errorf("forget a guess: %w", err)
	}

	return nil
}

// underLock runs do with the tally of a moment in which no other request counts guesses for the address.
func (s *Store) underLock(
	ctx context.Context, e auth.EmailHash, network string, do func(context.Context, pgx.Tx, *auth.Tally) error,
) error {
	return postgres.InTx(ctx, s.pool, func(ctx context.Context, tx pgx.Tx) error {
		if err := lockEmail(ctx, tx, e); err != nil {
			return err
		}

		t, err := tally(ctx, tx, e, network)
		if err != nil {
			return err
		}

		if err := addLocks(ctx, tx, e, network, t); err != nil {
			return err
		}

		return do(ctx, tx, t)
	})
}

// lockEmail waits until no other request counts guesses for the address.
func lockEmail(ctx context.Context, tx pgx.Tx, e auth.EmailHash) error {
	key := int64(binary.BigEndian.Uint64(e[:])) //nolint:gosec // all 64 bits are wanted, the sign means nothing
	if _, err := tx.Exec(ctx, "SELECT pg_advisory_xact_lock($1)", key); err != nil {
		return fmt.Errorf("wait to count a guess: %w", err)
	}

	return nil
}

const readTally = `SELECT clock_timestamp(),
	count(*) FILTER (WHERE from_here AND wrong), count(*) FILTER (WHERE from_here AND NOT wrong),
	count(*) FILTER (WHERE wrong), count(*) FILTER (WHERE NOT wrong),
	(SELECT until FROM auth.login_locks WHERE email_hash = $1 AND network = $2),
	(SELECT until FROM auth.login_locks WHERE email_hash = $1 AND network = ''),
	EXISTS (SELECT FROM auth.known_networks
		WHERE email_hash = $1 AND network = $2 AND last_login_at > clock_timestamp() - $5::interval)
	FROM (SELECT network = $2 AND at > clock_timestamp() - $3::interval AS from_here,
			NOT pending OR at <= clock_timestamp() - $6::interval AS wrong
		FROM auth.login_attempts WHERE email_hash = $1 AND at > clock_timestamp() - $4::interval) AS guesses`

func tally(ctx context.Context, tx pgx.Tx, e auth.EmailHash, network string) (*auth.Tally, error) {
	t := &auth.Tally{}

	var pairUntil, until *time.Time

	err := tx.QueryRow(ctx, readTally, e[:], network, auth.PairWindow, auth.EverywhereWindow, auth.KnownNetworkTTL, auth.AbandonedAfter).
		Scan(&t.Now, &t.PairFailures, &t.PairPending, &t.Failures, &t.Pending, &pairUntil, &until, &t.KnownNetwork)
	if err != nil {
		return nil, fmt.Errorf("count the guesses: %w", err)
	}

	if pairUntil != nil {
		t.PairLockedUntil = *pairUntil
	}

	if until != nil {
		t.LockedUntil = *until
	}

	return t, nil
}

// addLocks writes the locks that are due now, and into the tally.
func addLocks(ctx context.Context, tx pgx.Tx, e auth.EmailHash, network string, t *auth.Tally) error {
	pair, all := t.NewLocks()
	for place, until := range map[string]time.Time{network: pair, everywhere: all} {
		if until.IsZero() {
			continue
		}

		_, err := tx.Exec(ctx, `INSERT INTO auth.login_locks (email_hash, network, until) VALUES ($1, $2, $3)
			ON CONFLICT (email_hash, network) DO UPDATE SET until = excluded.until`, e[:], place, until)
		if err != nil {
			return fmt.Errorf("lock an address: %w", err)
		}
	}

	if !pair.IsZero() {
		t.PairLockedUntil = pair
	}

	if !all.IsZero() {
		t.LockedUntil = all
	}

	return nil
}
