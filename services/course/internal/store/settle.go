package store

import (
	"context"
	"fmt"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/shema-music/shema/services/course/internal/course"
	"github.com/shema-music/shema/services/kit/postgres"
)

// decision says what becomes of reservations; course.Settle makes it.
type decision = func([]course.Reservation) []course.Reservation

// Settle implements course.ReservationStore.
func (s *Store) Settle(ctx context.Context, bookings []uuid.UUID, decide decision) ([]course.Reservation, error) {
	var settled []course.Reservation

	err := postgres.InTx(ctx, s.pool, func(ctx context.Context, tx pgx.Tx) error {
		var err error

		settled, err = settle(ctx, tx, bookings, decide)

		return err
	})

	return settled, err
}

// InTx returns a Settler whose work is part of the transaction, for events whose handling is
// remembered in the same transaction.
func InTx(tx pgx.Tx) course.Settler { return settlerInTx{tx} }

type settlerInTx struct{ tx pgx.Tx }

func (s settlerInTx) Settle(ctx context.Context, bookings []uuid.UUID, decide decision) ([]course.Reservation, error) {
	return settle(ctx, s.tx, bookings, decide)
}

func settle(ctx context.Context, tx pgx.Tx, bookings []uuid.UUID, decide decision) ([]course.Reservation, error) {
	current, err := lockReservations(ctx, tx, bookings)
	if err != nil {
		return nil, err
	}

	next := decide(current)

	var changed []course.Reservation

	for i, r := range next {
		switch {
		case r.State == current[i].State:
		case current[i].State != "":
			changed = append(changed, r)
		default:
			entombed, err := entomb(ctx, tx, r)
			if err != nil {
				return nil, err
			}

			if !entombed {
				return settle(ctx, tx, bookings, decide) // Its reserve has come in between.
			}
		}
	}

	return next, handOver(ctx, tx, changed)
}

// lockReservations returns the bookings' reservations in the order of the ids, those of unknown bookings without a
// state. They are locked in one order, whatever the callers', so that no two of them wait for each other.
func lockReservations(ctx context.Context, tx pgx.Tx, bookings []uuid.UUID) ([]course.Reservation, error) {
	rows, err := postgres.List(ctx, tx, pgx.RowToStructByName[reservationRow], "SELECT "+reservationColumns+` FROM course.reservations
		WHERE booking_id = ANY($1) ORDER BY booking_id FOR UPDATE`, bookings)
	if err != nil {
		return nil, fmt.Errorf("lock the reservations: %w", err)
	}

	known := map[uuid.UUID]course.Reservation{}
	for _, row := range rows {
		known[row.BookingID] = row.domain()
	}

	found := make([]course.Reservation, len(bookings))
	for i, id := range bookings {
		found[i] = known[id]
		found[i].BookingID = id
	}

	return found, nil
}

// entomb remembers a booking that ended before it reserved anything, so that its
// reserve, when it comes, finds that out. It returns false if the booking is known.
func entomb(ctx context.Context, tx pgx.Tx, r course.Reservation) (bool, error) {
	tag, err := tx.Exec(ctx, `INSERT INTO course.reservations (booking_id, state) VALUES ($1, $2)
		ON CONFLICT (booking_id) DO NOTHING`, r.BookingID, string(r.State))
	if err != nil {
		return false, fmt.Errorf("remember the release: %w", err)
	}

	return tag.RowsAffected() == 1, nil
}

// handOver writes the reservations' new states, books the slots that they still hold and
// frees the others, as far as the bookings hold them; all slots in one statement, in the
// order of their ids. A slot that the operator has withdrawn meanwhile is deleted
// instead, so that it is never offered again.
func handOver(ctx context.Context, tx pgx.Tx, changed []course.Reservation) error {
	if len(changed) == 0 {
		return nil
	}

	batch := &pgx.Batch{}

	bookings, keep := []uuid.UUID{}, []uuid.UUID{}

	for _, r := range changed {
		batch.Queue(`UPDATE course.reservations SET state = $2, confirmed_slot_id = $3, updated_at = now()
			WHERE booking_id = $1`, r.BookingID, string(r.State), r.ConfirmedSlotID)

		bookings = append(bookings, r.BookingID)

		if slot := r.Holds(); slot != nil {
			keep = append(keep, *slot)
		}
	}

	batch.Queue(`WITH held AS (
			SELECT id, id = ANY($2) AS kept, withdrawn_at IS NOT NULL AND NOT id = ANY($2) AS gone
			FROM course.schedules WHERE booking_id = ANY($1) ORDER BY id FOR UPDATE),
		deleted AS (DELETE FROM course.schedules s USING held WHERE s.id = held.id AND held.gone)
		UPDATE course.schedules s SET updated_at = now(),
			status = CASE WHEN held.kept THEN 'booked' ELSE 'available' END,
			booking_id = CASE WHEN held.kept THEN s.booking_id END
		FROM held WHERE s.id = held.id AND NOT held.gone`, bookings, keep)

	if err := tx.SendBatch(ctx, batch).Close(); err != nil {
		return fmt.Errorf("hand the slots over: %w", err)
	}

	return nil
}
