package store

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/shema-music/shema/services/course/internal/course"
	"github.com/shema-music/shema/services/kit/postgres"
)

// reserveFreeSQL does what Reserve does for a booking in whose way nothing is: $1 to $3 are bookings, their courses and
// packages, $4 and $5 which booking wants which slot. It has the same conditions as Hold.Check.
//
// Courses are locked before slots, as by all who lock both. Slots that another transaction has in hand are not waited
// for: such a booking is left to Reserve, which asks for each lock in its order. Rows that have changed since the
// statement began are looked at again when they are locked.
const reserveFreeSQL = `
	WITH wanted AS (
		SELECT * FROM unnest($1::uuid[], $2::uuid[], $3::text[]) AS w (booking_id, course_id, package_name)),
	wishes AS (
		SELECT * FROM unnest($4::uuid[], $5::uuid[]) AS w (booking_id, slot_id)),
	offered AS (
		SELECT c.id, c.name, c.title, c.instrument, c.level, c.teacher, c.teacher_email, c.packages
		FROM course.courses c WHERE c.id = ANY ($2) AND ` + published + `
		ORDER BY c.id FOR SHARE),
	free AS (
		SELECT ` + slotColumns + ` FROM course.schedules s
		WHERE (SELECT count(*) FROM offered) > 0 AND s.id = ANY ($5)
			AND s.status = 'available' AND s.withdrawn_at IS NULL AND s.starts_at > clock_timestamp()
		ORDER BY s.id FOR UPDATE SKIP LOCKED),
	possible AS (
		SELECT w.booking_id, w.course_id, array_agg(x.slot_id) AS slot_ids,
			(SELECT p FROM offered c, jsonb_array_elements(c.packages) p
			 WHERE c.id = w.course_id AND p->>'name' = w.package_name LIMIT 1) AS package
		FROM wanted w JOIN wishes x USING (booking_id) LEFT JOIN free f ON f.id = x.slot_id AND f.course_id = w.course_id
		WHERE w.course_id IN (SELECT id FROM offered)
		GROUP BY w.booking_id, w.course_id, w.package_name
		HAVING count(f.id) = count(*)),
	reserved AS (
		INSERT INTO course.reservations (booking_id, course_id, slot_ids, state, package)
		SELECT p.booking_id, p.course_id, p.slot_ids, 'reserved', p.package
		FROM possible p JOIN wanted w USING (booking_id)
		WHERE w.package_name IS NULL OR p.package IS NOT NULL
		ON CONFLICT (booking_id) DO NOTHING
		RETURNING booking_id, course_id, slot_ids, package),
	taken AS (
		UPDATE course.schedules s SET status = 'reserved', booking_id = r.booking_id, updated_at = now()
		FROM reserved r, unnest(r.slot_ids) AS slot (id) WHERE s.id = slot.id)
	SELECT r.booking_id, r.slot_ids, r.package,
		c.id, c.name, c.title, c.instrument, c.level, c.teacher, c.teacher_email,
		f.id AS slot_id, f.starts_at, f.ends_at, f.time_zone
	FROM reserved r JOIN offered c ON c.id = r.course_id JOIN free f ON f.id = ANY (r.slot_ids)
	ORDER BY f.id`

// reservedSlotRow is one slot of a new reservation, with what it is about.
type reservedSlotRow struct {
	offeredCourse

	BookingID        uuid.UUID
	SlotIDs          []uuid.UUID
	Package          *course.Package
	SlotID           uuid.UUID
	StartsAt, EndsAt time.Time
	TimeZone         string
}

// ReserveFree implements course.ReservationStore.
func (s *Store) ReserveFree(ctx context.Context, holds []course.Hold) (map[uuid.UUID]course.Reservation, error) {
	var wishing, slots []uuid.UUID

	bookings, courses, packages := make([]uuid.UUID, len(holds)), make([]uuid.UUID, len(holds)), make([]*string, len(holds))
	for i, h := range holds {
		bookings[i], courses[i], packages[i] = h.BookingID, h.CourseID, h.Package

		for _, slot := range h.SlotIDs {
			wishing, slots = append(wishing, h.BookingID), append(slots, slot)
		}
	}

	rows, err := postgres.List(ctx, s.pool, pgx.RowToStructByName[reservedSlotRow], reserveFreeSQL,
		bookings, courses, packages, wishing, slots)
	if err != nil {
		return nil, fmt.Errorf("reserve free slots: %w", err)
	}

	reserved := map[uuid.UUID]course.Reservation{}
	for _, row := range rows {
		reserved[row.BookingID] = row.addTo(reserved[row.BookingID])
	}

	return reserved, nil
}

// addTo returns the reservation with one slot more.
func (r reservedSlotRow) addTo(known course.Reservation) course.Reservation {
	if known.Snapshot == nil {
		known = course.Reservation{
			BookingID: r.BookingID,
			CourseID:  &r.ID,
			SlotIDs:   r.SlotIDs,
			State:     course.Reserved,
			Package:   r.Package,
			Snapshot:  &course.Snapshot{Course: r.course(), Package: r.Package},
		}
	}

	known.Snapshot.Slots = append(known.Snapshot.Slots, course.Slot{
		ID:       r.SlotID,
		CourseID: r.ID,
		StartsAt: r.StartsAt.UTC(),
		EndsAt:   r.EndsAt.UTC(),
		TimeZone: r.TimeZone,
		Status:   course.SlotAvailable,
	})

	return known
}
