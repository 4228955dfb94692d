package store

import (
	"context"
	"errors"
	"fmt"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/shema-music/shema/services/course/internal/course"
	"github.com/shema-music/shema/services/kit/postgres"
)

const reservationColumns = "booking_id, course_id, slot_ids, confirmed_slot_id, state"

type reservationRow struct {
	BookingID       uuid.UUID
	CourseID        *uuid.UUID
	SlotIDs         []uuid.UUID
	ConfirmedSlotID *uuid.UUID
	State           string
}

func (r reservationRow) domain() course.Reservation {
	return course.Reservation{
		BookingID:       r.BookingID,
		CourseID:        r.CourseID,
		SlotIDs:         r.SlotIDs,
		ConfirmedSlotID: r.ConfirmedSlotID,
		State:           course.State(r.State),
	}
}

// Reserve implements course.ReservationStore.
func (s *Store) Reserve(ctx context.Context, hold course.Hold, check func(course.Offer) error) (course.Reservation, error) {
	var done course.Reservation

	err := postgres.InTx(ctx, s.pool, func(ctx context.Context, tx pgx.Tx) error {
		fresh, err := remember(ctx, tx, hold)
		if err != nil {
			return err
		}

		if !fresh {
			done, err = known(ctx, tx, hold.BookingID)
			return err
		}

		offer, err := lockOffer(ctx, tx, hold)
		if err != nil {
			return err
		}

		if err := check(offer); err != nil {
			return err // Rolled back, the booking is as unknown as before.
		}

		done = course.Reservation{
			BookingID: hold.BookingID,
			CourseID:  &hold.CourseID,
			SlotIDs:   hold.SlotIDs,
			State:     course.Reserved,
			Lesson:    &course.Lesson{CourseTitle: offer.CourseTitle, Slots: offer.Slots},
		}

		return take(ctx, tx, hold)
	})

	return done, err
}

// remember notes the booking as reserved; fresh is false when it was known. Whoever
// comes second for the same booking waits here for the first.
func remember(ctx context.Context, tx pgx.Tx, hold course.Hold) (fresh bool, err error) {
	tag, err := tx.Exec(ctx, `INSERT INTO course.reservations (booking_id, course_id, slot_ids, state)
		VALUES ($1, $2, $3, 'reserved') ON CONFLICT (booking_id) DO NOTHING`,
		hold.BookingID, hold.CourseID, hold.SlotIDs)
	if err != nil {
		return false, fmt.Errorf("remember the reservation: %w", err)
	}

	return tag.RowsAffected() == 1, nil
}

func known(ctx context.Context, tx pgx.Tx, bookingID uuid.UUID) (course.Reservation, error) {
	row, err := one[reservationRow](ctx, tx,
		"SELECT "+reservationColumns+" FROM course.reservations WHERE booking_id = $1", bookingID)
	if err != nil {
		return course.Reservation{}, fmt.Errorf("read the reservation: %w", err)
	}

	reservation := row.domain()
	if reservation.State != course.Reserved {
		return reservation, nil
	}

	reservation.Lesson, err = lesson(ctx, tx, reservation)

	return reservation, err
}

// lesson reads again what a reservation is about.
func lesson(ctx context.Context, tx pgx.Tx, r course.Reservation) (*course.Lesson, error) {
	title, err := scalar[string](ctx, tx,
		"SELECT coalesce((SELECT title FROM course.courses WHERE id = $1), '')", r.CourseID)
	if err != nil {
		return nil, fmt.Errorf("read the reserved course: %w", err)
	}

	slots, err := list[slotRow](ctx, tx, "SELECT "+slotColumns+" FROM course.schedules s WHERE s.id = ANY($1)", r.SlotIDs)
	if err != nil {
		return nil, fmt.Errorf("read the reserved slots: %w", err)
	}

	return &course.Lesson{CourseTitle: title, Slots: domains(slots)}, nil
}

// lockOffer locks the course against being withdrawn, and the slots. Slots are locked
// in the order of their ids, so that bookings of overlapping pairs queue instead of
// blocking each other in a circle.
func lockOffer(ctx context.Context, tx pgx.Tx, hold course.Hold) (course.Offer, error) {
	var offer course.Offer

	batch := &pgx.Batch{}
	batch.Queue("SELECT "+published+", c.title FROM course.courses c WHERE c.id = $1 FOR SHARE", hold.CourseID).
		Query(func(rows pgx.Rows) error {
			_, err := pgx.ForEachRow(rows, []any{&offer.CoursePublished, &offer.CourseTitle}, func() error { return nil })
			return err
		})
	batch.Queue("SELECT "+slotColumns+" FROM course.schedules s WHERE s.id = ANY($1) ORDER BY s.id FOR UPDATE", hold.SlotIDs).
		Query(func(rows pgx.Rows) error {
			found, err := pgx.CollectRows(rows, pgx.RowToStructByName[slotRow])
			offer.Slots = domains(found)
			return err
		})
	// After the locks, which may have taken a while.
	batch.Queue("SELECT clock_timestamp()").QueryRow(func(row pgx.Row) error { return row.Scan(&offer.Now) })

	if err := tx.SendBatch(ctx, batch).Close(); err != nil {
		return course.Offer{}, fmt.Errorf("lock the slots: %w", err)
	}

	return offer, nil
}

func take(ctx context.Context, tx pgx.Tx, hold course.Hold) error {
	tag, err := tx.Exec(ctx, `UPDATE course.schedules SET status = 'reserved', booking_id = $1, updated_at = now()
		WHERE id = ANY($2) AND status = 'available'`, hold.BookingID, hold.SlotIDs)
	if err != nil {
		return fmt.Errorf("reserve the slots: %w", err)
	}

	if int(tag.RowsAffected()) != len(hold.SlotIDs) {
		return fmt.Errorf("reserve the slots: %d of %d taken, though all were locked", tag.RowsAffected(), len(hold.SlotIDs))
	}

	return nil
}

// Settle implements course.ReservationStore.
func (s *Store) Settle(ctx context.Context, bookingID uuid.UUID, decide func(course.Reservation) course.Reservation) (course.Reservation, error) {
	var settled course.Reservation

	err := postgres.InTx(ctx, s.pool, func(ctx context.Context, tx pgx.Tx) error {
		var err error

		settled, err = settle(ctx, tx, bookingID, decide)
		return err
	})

	return settled, err
}

// InTx returns a Settler whose work is part of the transaction, for events whose handling is
// remembered in the same transaction.
func InTx(tx pgx.Tx) course.Settler { return settlerInTx{tx} }

type settlerInTx struct{ tx pgx.Tx }

func (s settlerInTx) Settle(ctx context.Context, bookingID uuid.UUID, decide func(course.Reservation) course.Reservation) (course.Reservation, error) {
	return settle(ctx, s.tx, bookingID, decide)
}

func settle(ctx context.Context, tx pgx.Tx, bookingID uuid.UUID, decide func(course.Reservation) course.Reservation) (course.Reservation, error) {
	current, err := lockReservation(ctx, tx, bookingID)
	if err != nil {
		return course.Reservation{}, err
	}

	next := decide(current)
	if next.State == current.State {
		return current, nil
	}

	if current.State == "" {
		entombed, err := entomb(ctx, tx, next)
		if err != nil || entombed {
			return next, err
		}

		return settle(ctx, tx, bookingID, decide) // Its reserve has come in between.
	}

	return next, handOver(ctx, tx, next)
}

func lockReservation(ctx context.Context, tx pgx.Tx, bookingID uuid.UUID) (course.Reservation, error) {
	row, err := one[reservationRow](ctx, tx,
		"SELECT "+reservationColumns+" FROM course.reservations WHERE booking_id = $1 FOR UPDATE", bookingID)
	if errors.Is(err, pgx.ErrNoRows) {
		return course.Reservation{BookingID: bookingID}, nil
	}

	if err != nil {
		return course.Reservation{}, fmt.Errorf("lock the reservation: %w", err)
	}

	return row.domain(), nil
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

// handOver writes the reservation's new state, books the slot that it still holds and
// frees the others, as far as the booking holds them. A slot that the operator has
// withdrawn meanwhile is deleted instead, so that it is never offered again.
func handOver(ctx context.Context, tx pgx.Tx, r course.Reservation) error {
	batch := &pgx.Batch{}
	batch.Queue(`UPDATE course.reservations SET state = $2, confirmed_slot_id = $3, updated_at = now()
		WHERE booking_id = $1`, r.BookingID, string(r.State), r.ConfirmedSlotID)
	batch.Queue(`WITH held AS (
			SELECT id, withdrawn_at IS NOT NULL AND id IS DISTINCT FROM $2 AS gone
			FROM course.schedules WHERE booking_id = $1 ORDER BY id FOR UPDATE),
		deleted AS (DELETE FROM course.schedules s USING held WHERE s.id = held.id AND held.gone)
		UPDATE course.schedules s SET updated_at = now(),
			status = CASE WHEN s.id = $2 THEN 'booked' ELSE 'available' END,
			booking_id = CASE WHEN s.id = $2 THEN s.booking_id END
		FROM held WHERE s.id = held.id AND NOT held.gone`, r.BookingID, r.Holds())

	if err := tx.SendBatch(ctx, batch).Close(); err != nil {
		return fmt.Errorf("hand the slots over: %w", err)
	}

	return nil
}
