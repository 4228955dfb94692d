package store

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"github.com/shema-music/shema/services/booking/internal/booking"
	"github.com/shema-music/shema/services/contracts/errs"
	"github.com/shema-music/shema/services/kit/postgres"
)

// errNothingDone rolls a transaction back that has found that something else must be done first.
var errNothingDone = errors.New("nothing done")

// Hold implements booking.Store. A request that claims no key and replaces nothing is one statement, which needs no
// transaction around it.
func (s *Store) Hold(ctx context.Context, r booking.Request) (booking.Hold, error) {
	if r.Key == "" && r.Replaces == nil {
		hold, err := s.hold(ctx, s.pool, r)
		if err != nil {
			return booking.Hold{}, fmt.Errorf("hold a booking: %w", err)
		}

		return hold, nil
	}

	return s.holdInTx(ctx, r)
}

func (s *Store) holdInTx(ctx context.Context, r booking.Request) (booking.Hold, error) {
	var hold booking.Hold

	err := postgres.InTx(ctx, s.pool, func(ctx context.Context, tx pgx.Tx) error {
		known, err := s.claim(ctx, tx, r)
		if err != nil {
			return err
		}

		if hold = begun(known); known == nil {
			if hold, err = s.hold(ctx, tx, r); err != nil {
				return err
			}
		}

		if hold.Held == nil && hold.Answer == nil {
			return errNothingDone // so that the request has not used its key yet
		}

		return nil
	})
	if err != nil && !errors.Is(err, errNothingDone) {
		return booking.Hold{}, fmt.Errorf("hold a booking: %w", err)
	}

	return hold, nil
}

// claim takes the request's key, if it has one, and looks whether the booking may be replaced that it wants to replace.
// It returns what the key stands for already.
func (s *Store) claim(ctx context.Context, tx pgx.Tx, r booking.Request) (*remembered, error) {
	if r.Key != "" {
		known, err := s.claimKey(ctx, tx, r)
		if err != nil || known != nil {
			return known, err
		}
	}

	return nil, mayHold(ctx, tx, r)
}

// querier is a pool or a transaction.
type querier interface {
	postgres.Querier
	QueryRow(ctx context.Context, sql string, args ...any) pgx.Row
	Exec(ctx context.Context, sql string, args ...any) (pgconn.CommandTag, error)
}

func (s *Store) hold(ctx context.Context, q querier, r booking.Request) (booking.Hold, error) {
	held, err := postgres.Maybe(ctx, q, scan, `
		WITH held AS (
			INSERT INTO booking.bookings
				(id, user_id, course_id, first_choice_slot_id, second_choice_slot_id, note, package, replaces, status)
			SELECT @id, @user, @course, @first, @second, @note, @package, @replaces, 'holding'
			WHERE `+withinBudget+` AND `+notErased+`
			ON CONFLICT (user_id, course_id) WHERE status IN ('holding', 'pending') DO NOTHING
			RETURNING *),
		later AS (
			INSERT INTO booking.unfinished (booking_id, version, due_at)
			SELECT id, state_version, updated_at + make_interval(secs => @finish_secs) FROM held)
		SELECT `+columns+` FROM held`, requested(r))
	if err != nil {
		return booking.Hold{}, err
	}

	if held == nil {
		return s.conflict(ctx, q, r)
	}

	return booking.Hold{Held: held}, nil
}

// notErased is whether the person is still there: a request that comes late must not bring them back.
const notErased = `NOT EXISTS (SELECT FROM booking.erased_people e WHERE e.user_id = @user)`

// withinBudget is whether the person may make one booking more.
const withinBudget = `(@budget = 0 OR @budget > (
	SELECT count(*) FROM booking.bookings
	WHERE user_id = @user AND status <> 'holding' AND created_at > now() - make_interval(secs => @budget_secs)))`

func requested(r booking.Request) pgx.NamedArgs {
	return pgx.NamedArgs{
		"id":          r.ID,
		"user":        r.UserID,
		"course":      r.CourseID,
		"first":       r.FirstChoice,
		"second":      r.SecondChoice,
		"note":        r.Note,
		"package":     r.Package,
		"replaces":    r.Replaces,
		"budget":      r.Budget,
		"budget_secs": booking.BudgetTime.Seconds(),
		"finish_secs": booking.FinishAfter.Seconds(),
	}
}

// mayHold asks whether the booking that shall be replaced still stands, and keeps it so until the end of the transaction.
func mayHold(ctx context.Context, tx pgx.Tx, r booking.Request) error {
	if r.Replaces == nil {
		return nil
	}

	old, err := postgres.Maybe(ctx, tx, scan, `SELECT `+columns+` FROM booking.bookings WHERE id = $1 FOR SHARE`, *r.Replaces)
	if err != nil {
		return err
	}

	var now time.Time
	if err := tx.QueryRow(ctx, `SELECT clock_timestamp()`).Scan(&now); err != nil {
		return err
	}

	return r.MayReplace(old, now)
}

// begun returns what the first request with the same key has come to.
func begun(known *remembered) booking.Hold {
	switch {
	case known == nil:
		return booking.Hold{}
	case known.answer != nil:
		return booking.Hold{Answer: known.answer}
	}

	return booking.Hold{Started: known.booking}
}

// conflict says what the booking that is in the way means for the request.
func (s *Store) conflict(ctx context.Context, tx querier, r booking.Request) (booking.Hold, error) {
	other, err := postgres.Maybe(ctx, tx, scan, `
		SELECT `+columns+` FROM booking.bookings
		WHERE user_id = $1 AND course_id = $2 AND status IN ('holding', 'pending')`, r.UserID, r.CourseID)
	if err != nil || other == nil {
		return booking.Hold{}, overspent(ctx, tx, r, err) // or gone meanwhile
	}

	if other.Status == booking.Holding {
		return booking.Hold{Blocking: other}, nil
	}

	var expired bool

	err = tx.QueryRow(ctx, `SELECT $1::timestamptz <= clock_timestamp()`, other.ExpiresAt).Scan(&expired)
	if err != nil {
		return booking.Hold{}, err
	}

	if expired {
		return booking.Hold{Blocking: other}, nil
	}

	answer := booking.AlreadyPending()

	return booking.Hold{Answer: &answer}, s.answerKey(ctx, tx, r, answer)
}

// overspent returns RateLimited if the person has no budget left, with the time until there is some again, and
// InvalidToken if the person has left.
func overspent(ctx context.Context, tx querier, r booking.Request, err error) error {
	if err != nil {
		return err
	}

	var (
		present, within bool
		wait            float64
	)

	err = tx.QueryRow(ctx, `
		SELECT `+notErased+`, `+withinBudget+`, coalesce((
			SELECT extract(epoch FROM min(created_at) - now()) + @budget_secs FROM booking.bookings
			WHERE user_id = @user AND status <> 'holding' AND created_at > now() - make_interval(secs => @budget_secs)), 1)`,
		requested(r)).Scan(&present, &within, &wait)
	switch {
	case err != nil:
		return err
	case !present:
		return errs.InvalidToken
	case within:
		return nil
	}

	return errs.RateLimited.After(time.Duration(wait * float64(time.Second)))
}

// MakePending implements booking.Store. With it the answer is remembered, and the teacher is looked up of a course that
// has its first booking.
func (s *Store) MakePending(ctx context.Context, id uuid.UUID, about *booking.Snapshot) (booking.Booking, bool, error) {
	return s.change(ctx, func(ctx context.Context, tx pgx.Tx, batch *pgx.Batch) (*booking.Booking, error) {
		b, err := postgres.Maybe(ctx, tx, scan, `
			UPDATE booking.bookings SET status = 'pending', state_version = 1, lesson = $2,
				course_name = $2::jsonb->'course'->>'name', instrument = $2::jsonb->'course'->>'instrument',
				updated_at = clock_timestamp()
			WHERE id = $1 AND status = 'holding' AND abandoned_at IS NULL
			RETURNING `+columns, id, about)
		if err != nil || b == nil {
			return nil, err
		}

		answer, err := answerOf(b.ID, booking.Answer{Booking: b})
		if err != nil {
			return nil, err
		}

		batch.Queue(answer.SQL, answer.Arguments...)
		batch.Queue(finishedSQL, []uuid.UUID{b.ID}, []int64{b.StateVersion})

		return b, s.bindTeacher(ctx, tx, b.CourseID)
	})
}

// bindTeacher has the teacher looked up of a course that has its first booking.
func (s *Store) bindTeacher(ctx context.Context, tx pgx.Tx, course uuid.UUID) error {
	tag, err := tx.Exec(ctx, `
		INSERT INTO booking.course_teachers (course_id, checked_at) VALUES ($1, '-infinity')
		ON CONFLICT (course_id) DO NOTHING`, course)
	if err != nil || tag.RowsAffected() == 0 {
		return err
	}

	return s.outbox.Insert(ctx, tx, BindTeachersJob{}, nil)
}

// Abandon implements booking.Store.
func (s *Store) Abandon(ctx context.Context, id uuid.UUID, a *booking.Answer) (ok bool, err error) {
	err = postgres.InTx(ctx, s.pool, func(ctx context.Context, tx pgx.Tx) error {
		tag, err := tx.Exec(ctx, `
			UPDATE booking.bookings SET abandoned_at = clock_timestamp(), updated_at = clock_timestamp()
			WHERE id = $1 AND status = 'holding' AND abandoned_at IS NULL`, id)
		if ok = err == nil && tag.RowsAffected() > 0; !ok || a == nil {
			return err
		}

		return s.answerBooking(ctx, tx, id, *a)
	})
	if err != nil {
		return false, fmt.Errorf("abandon a held booking: %w", err)
	}

	return ok, nil
}

// Remove implements booking.Store.
func (s *Store) Remove(ctx context.Context, id uuid.UUID) error {
	_, err := s.pool.Exec(ctx, `
		WITH removed AS (
			DELETE FROM booking.bookings WHERE id = $1 AND status = 'holding' AND abandoned_at IS NOT NULL RETURNING id)
		DELETE FROM booking.unfinished u USING removed WHERE u.booking_id = removed.id`, id)
	if err != nil {
		return fmt.Errorf("remove an abandoned booking: %w", err)
	}

	return nil
}

// change runs an update that returns the changed booking, or nil if there was nothing to change, and announces it,
// together with what the update has put into the batch.
func (s *Store) change(
	ctx context.Context, update func(context.Context, pgx.Tx, *pgx.Batch) (*booking.Booking, error),
) (b booking.Booking, ok bool, err error) {
	err = postgres.InTx(ctx, s.pool, func(ctx context.Context, tx pgx.Tx) error {
		batch := &pgx.Batch{}

		changed, err := update(ctx, tx, batch)
		if ok = err == nil && changed != nil; !ok {
			return err
		}

		b = *changed
		if err := s.announce(ctx, batch, changed); err != nil {
			return err
		}

		return tx.SendBatch(ctx, batch).Close()
	})
	if err != nil {
		return booking.Booking{}, false, fmt.Errorf("change a booking: %w", err)
	}

	return b, ok, nil
}
