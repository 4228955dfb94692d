package store

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/shema-music/shema/services/kit/drain"
	"github.com/shema-music/shema/services/kit/postgres"
	"github.com/shema-music/shema/services/user/internal/letter"
	"github.com/shema-music/shema/services/user/internal/user"
)

// laneUnsorted is where mails to admins about bookings wait until it is decided whether they leave singly.
const laneUnsorted letter.Lane = "unsorted"

// Letters are the mails that have to leave. A lane's signal is set when this process has committed one.
type Letters struct {
	pool  *pgxpool.Pool
	wakes map[letter.Lane]drain.Signal
}

// NewLetters returns a store on the pool of the role user_service.
func NewLetters(pool *pgxpool.Pool) *Letters {
	l := &Letters{pool: pool, wakes: map[letter.Lane]drain.Signal{}}
	for _, lane := range letter.Lanes() {
		l.wakes[lane] = drain.NewSignal()
	}

	return l
}

// Wake is set when there may be something to send in the lane.
func (l *Letters) Wake(lane letter.Lane) drain.Signal { return l.wakes[lane] }

// committed wakes who sends the lane once the transaction has been committed.
func (l *Letters) committed(ctx context.Context, lane letter.Lane) {
	if lane == laneUnsorted {
		lane = letter.Admins
	}

	postgres.AfterCommit(ctx, l.wakes[lane].Set)
}

// AddLetter keeps a letter, which then leaves; repeating it with the same id changes nothing. It returns usererrs.NotFound
// if there is no such person.
func (s *Store) AddLetter(ctx context.Context, l *user.Letter) error {
	return postgres.InTx(ctx, s.pool, func(ctx context.Context, tx pgx.Tx) error {
		if _, err := one(ctx, tx, "read a user", selectPresent, l.UserID); err != nil {
			return err
		}

		return s.letters.add(ctx, tx, l)
	})
}

// add keeps a letter about an account in the transaction.
func (l *Letters) add(ctx context.Context, tx pgx.Tx, added *user.Letter) error {
	_, err := tx.Exec(ctx, `INSERT INTO users.letters (id, kind, user_id, address, token, expires_at, lane, due_at)
		VALUES ($1, $2, $3, nullif($4, ''), nullif($5, ''), $6, $7, clock_timestamp()) ON CONFLICT (id) DO NOTHING`,
		added.ID, added.Kind, added.UserID, added.Address, added.Token, added.ExpiresAt, letter.Accounts)
	if err != nil {
		return fmt.Errorf("keep a letter: %w", err)
	}

	l.committed(ctx, letter.Accounts)

	return nil
}
