package store

import (
	"context"
	"fmt"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/shema-music/shema/services/course/internal/course"
	"github.com/shema-music/shema/services/kit/postgres"
)

const reservationColumns = "booking_id, course_id, slot_ids, confirmed_slot_id, state, package"

type reservationRow struct {
	BookingID       uuid.UUID
	CourseID        *uuid.UUID
	SlotIDs         []uuid.UUID
	ConfirmedSlotID *uuid.UUID
	State           string
	Package         *course.Package
}

func (r reservationRow) domain() course.Reservation {
	return course.Reservation{
		BookingID:       r.BookingID,
		CourseID:        r.CourseID,
		SlotIDs:         r.SlotIDs,
		ConfirmedSlotID: r.ConfirmedSlotID,
		State:           course.State(r.State),
		Package:         r.Package,
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

		done = reserved(hold, offer)

		return take(ctx, tx, done)
	})

	return done, err
}

// reserved is what becomes of a hold to which the offer says yes.
func reserved(hold course.Hold, offer course.Offer) course.Reservation {
	chosen := offer.Package(hold.Package)

	return course.Reservation{
		BookingID: hold.BookingID,
		CourseID:  &hold.CourseID,
		SlotIDs:   hold.SlotIDs,
		State:     course.Reserved,
		Package:   chosen,
		Snapshot:  &course.Snapshot{Course: offer.Course, Package: chosen, Slots: offer.Slots},
	}
}

// remember notes the booking as reserved; fresh is false when it was known. A
// second request for the same booking waits here for the first.
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
	row, err := postgres.One(ctx, tx, pgx.RowToStructByName[reservationRow],
		"SELECT "+reservationColumns+" FROM course.reservations WHERE booking_id = $1", bookingID)
	if err != nil {
		return course.Reservation{}, fmt.Errorf("read the reservation: %w", err)
	}

	reservation := row.domain()
	if reservation.State != course.Reserved {
		return reservation, nil
	}

	reservation.Snapshot, err = snapshotOf(ctx, tx, reservation)

	return reservation, err
}

// snapshotOf reads again what a reservation is about. A course that has been deleted since has lost all but its id.
func snapshotOf(ctx context.Context, tx pgx.Tx, r course.Reservation) (*course.Snapshot, error) {
	about := &course.Snapshot{Course: course.SnapshotCourse{ID: *r.CourseID}, Package: r.Package}

	found, err := postgres.List(ctx, tx, pgx.RowToStructByName[offeredRow], "SELECT "+offeredColumns+" FROM course.courses c WHERE c.id = $1", r.CourseID)
	if err != nil {
		return nil, fmt.Errorf("read the reserved course: %w", err)
	}

	for _, row := range found {
		about.Course = row.course()
	}

	slots, err := postgres.List(ctx, tx, pgx.RowToStructByName[slotRow], "SELECT "+slotColumns+" FROM course.schedules s WHERE s.id = ANY($1) ORDER BY s.id", r.SlotIDs)
	if err != nil {
		return nil, fmt.Errorf("read the reserved slots: %w", err)
	}

	about.Slots = domains(slots)

	return about, nil
}

const offeredColumns = published + ` AS published, c.id, c.name, c.title, c.instrument, c.level, c.teacher,
	c.teacher_email, c.packages`

type offeredRow struct {
	offeredCourse

	Published bool
	Packages  []course.Package
}

// offeredCourse is the part of it that bookings remember.
type offeredCourse struct {
	ID                             uuid.UUID
	Name, Title, Instrument, Level string
	Teacher, TeacherEmail          *string
}

func (r offeredCourse) course() course.SnapshotCourse {
	return course.SnapshotCourse{
		ID:           r.ID,
		Name:         r.Name,
		Title:        r.Title,
		Instrument:   r.Instrument,
		Level:        r.Level,
		Teacher:      r.Teacher,
		TeacherEmail: r.TeacherEmail,
	}
}

// lockOffer locks the course against being withdrawn, and the slots. Slots are locked
// in the order of their ids, so that bookings of overlapping pairs queue instead of
// blocking each other in a circle.
func lockOffer(ctx context.Context, tx pgx.Tx, hold course.Hold) (course.Offer, error) {
	var offer course.Offer

	batch := &pgx.Batch{}
	batch.Queue("SELECT "+offeredColumns+" FROM course.courses c WHERE c.id = $1 FOR SHARE", hold.CourseID).
		Query(func(rows pgx.Rows) error {
			found, err := pgx.CollectRows(rows, pgx.RowToStructByName[offeredRow])
			for _, row := range found {
				offer.CoursePublished, offer.Course, offer.Packages = row.Published, row.course(), row.Packages
			}

			return err
		})
	batch.Queue("SELECT "+slotColumns+` FROM course.schedules s
		WHERE s.id = ANY($1) AND NOT (s.status = 'available' AND s.withdrawn_at IS NOT NULL)
		ORDER BY s.id FOR UPDATE`, hold.SlotIDs).
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

// take gives the slots to the booking, and remembers its package if it has one.
func take(ctx context.Context, tx pgx.Tx, r course.Reservation) error {
	tag, err := tx.Exec(ctx, `UPDATE course.schedules SET status = 'reserved', booking_id = $1, updated_at = now()
		WHERE id = ANY($2) AND status = 'available'`, r.BookingID, r.SlotIDs)
	if err != nil {
		return fmt.Errorf("reserve the slots: %w", err)
	}

	if int(tag.RowsAffected()) != len(r.SlotIDs) {
		return fmt.Errorf("reserve the slots: %d of %d taken, though all were locked", tag.RowsAffected(), len(r.SlotIDs))
	}

	if r.Package == nil {
		return nil
	}

	_, err = tx.Exec(ctx, `UPDATE course.reservations SET package = $2 WHERE booking_id = $1`, r.BookingID, r.Package)
	if err != nil {
		return fmt.Errorf("remember the package: %w", err)
	}

	return nil
}
