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
	"github.com/shema-music/shema/services/kit/batch"
	"github.com/shema-music/shema/services/kit/postgres"
)

// errNothingDone rolls a transaction back that has found that something else must be done first.
var errNothingDone = errors.New("nothing done")

// Hold implements booking.Store. A request that claims no key and replaces nothing needs no transaction, and shares a
// statement with others that come at the same time.
func (s *Store) Hold(ctx context.Context, r booking.Request) (booking.Hold, error) {
	if r.Key == "" && r.Replaces == nil {
		hold, err := s.holds.Do(ctx, r)
		if err != nil {
			return booking.Hold{}, fmt.Errorf("hold a booking: %w", err)
		}

		return hold, nil
	}

	return s.holdInTx(ctx, r)
}

// holdAll holds for requests that want nothing else. A statement that the database refuses has done nothing, and is tried
// for each of them by itself; after any other failure it is open what it has done.
func (s *Store) holdAll(ctx context.Context, requests []booking.Request) []batch.Result[booking.Hold] {
	held, err := insertHeld(ctx, s.pool, requests)
	if refusedByDatabase(err) && len(requests) > 1 {
		return batch.Each(requests, func(r booking.Request) (booking.Hold, error) { return s.hold(ctx, s.pool, r) })
	}

	if err != nil {
		return batch.Fail[booking.Hold](len(requests), err)
	}

	return batch.Each(requests, func(r booking.Request) (booking.Hold, error) {
		if b := held[r.ID]; b != nil {
			return booking.Hold{Held: b}, nil
		}

		return s.conflict(ctx, s.pool, r)
	})
}

// refusedByDatabase reports whether the error is the database's own answer to a statement, which is thereby undone.
func refusedByDatabase(err error) bool {
	_, refused := errors.AsType[*pgconn.PgError](err)
	return refused
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
	held, err := insertHeld(ctx, q, []booking.Request{r})
	if err != nil {
		return booking.Hold{}, err
	}

	if b := held[r.ID]; b != nil {
		return booking.Hold{Held: b}, nil
	}

	return s.conflict(ctx, q, r)
}

// insertHeld inserts the bookings in whose way nothing is, each to be finished if its request does not, and returns them
// by id. Those of others may wait for each other, so they come in one order.
func insertHeld(ctx context.Context, q querier, requests []booking.Request) (map[uuid.UUID]*booking.Booking, error) {
	// The number of ids stays hidden from the planner, which would otherwise make a new plan every time, for more than the
	// statement takes by itself.
	held, err := postgres.List(ctx, q, scan, `
		WITH wanted AS (
			SELECT * FROM unnest((SELECT @ids::uuid[]), @users::uuid[], @courses::uuid[], @firsts::uuid[], @seconds::uuid[],
				@notes::text[], @packages::text[], @replaces::uuid[], @budgets::bigint[])
			AS w (id, user_id, course_id, first, second, note, package, replaces, budget)),
		held AS (
			INSERT INTO booking.bookings
				(id, user_id, course_id, first_choice_slot_id, second_choice_slot_id, note, package, replaces, status)
			SELECT w.id, w.user_id, w.course_id, w.first, w.second, w.note, w.package, w.replaces, 'holding' FROM wanted w
			WHERE `+withinBudget("w.user_id", "w.budget")+` AND `+notErased("w.user_id")+`
			ORDER BY w.user_id, w.course_id
			ON CONFLICT (user_id, course_id) WHERE status IN ('holding', 'pending') DO NOTHING
			RETURNING *),
		later AS (
			INSERT INTO booking.unfinished (booking_id, version, due_at)
			SELECT id, state_version, updated_at + make_interval(secs => @finish_secs) FROM held)
		SELECT `+columns+` FROM held`, manyRequested(requests))
	if err != nil {
		return nil, err
	}

	byID := make(map[uuid.UUID]*booking.Booking, len(held))
	for i := range held {
		byID[held[i].ID] = &held[i]
	}

	return byID, nil
}

// notErased is whether the person is still there: a request that comes late must not bring them back.
func notErased(user string) string {
	return `NOT EXISTS (SELECT FROM booking.erased_people e WHERE e.user_id = ` + user + `)`
}

// withinBudget is whether the person may make one booking more.
func withinBudget(user, budget string) string {
	return `(` + budget + ` = 0 OR ` + budget + ` > (
		SELECT count(*) FROM booking.bookings o
		WHERE o.user_id = ` + user + ` AND o.status <> 'holding' AND o.created_at > now() - make_interval(secs => @budget_secs)))`
}

func manyRequested(requests []booking.Request) pgx.NamedArgs {
	return pgx.NamedArgs{
		"ids":         each(requests, func(r booking.Request) uuid.UUID { return r.ID }),
		"users":       each(requests, func(r booking.Request) uuid.UUID { return r.UserID }),
		"courses":     each(requests, func(r booking.Request) uuid.UUID { return r.CourseID }),
		"firsts":      each(requests, func(r booking.Request) uuid.UUID { return r.FirstChoice }),
		"seconds":     each(requests, func(r booking.Request) uuid.UUID { return r.SecondChoice }),
		"notes":       each(requests, func(r booking.Request) *string { return r.Note }),
		"packages":    each(requests, func(r booking.Request) *string { return r.Package }),
		"replaces":    each(requests, func(r booking.Request) *uuid.UUID { return r.Replaces }),
		"budgets":     each(requests, func(r booking.Request) int { return r.Budget }),
		"budget_secs": booking.BudgetTime.Seconds(),
		"finish_secs": booking.FinishAfter.Seconds(),
	}
}

func each[T, V any](list []T, value func(T) V) []V {
	values := make([]V, len(list))
	for i, one := range list {
		values[i] = value(one)
	}

	return values
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
		SELECT `+notErased("@user")+`, `+withinBudget("@user", "@budget")+`, coalesce((
			SELECT extract(epoch FROM min(created_at) - now()) + @budget_secs FROM booking.bookings
			WHERE user_id = @user AND status <> 'holding' AND created_at > now() - make_interval(secs => @budget_secs)), 1)`,
		pgx.NamedArgs{"user": r.UserID, "budget": r.Budget, "budget_secs": booking.BudgetTime.Seconds()}).Scan(&present, &within, &wait)
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
