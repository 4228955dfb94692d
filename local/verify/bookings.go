package verify

// Bookings are the promises about bookings and their slots: true whenever nothing is in flight.
func Bookings() []Check {
	return append(slots(), bookingStates()...)
}

// slots are the promises between bookings and slots.
func slots() []Check {
	const settle = "shema verify -repair announces the booking's state again, and the course service settles its slots"

	return []Check{
		{
			Name:    "pending-slots",
			Promise: "every pending booking holds exactly its two slots as reserved",
			Remedy:  "look into the logs of booking and course for the booking's id; reject the booking if its slots are gone",
			Left:    "another student may have the slots by now, so an admin decides",
			Query: `SELECT b.id::text FROM booking.bookings b WHERE b.status = 'pending' AND
				(SELECT array_agg(s.id ORDER BY s.id) FROM course.schedules s WHERE s.booking_id = b.id AND s.status = 'reserved')
				IS DISTINCT FROM ARRAY[least(b.first_choice_slot_id, b.second_choice_slot_id),
					greatest(b.first_choice_slot_id, b.second_choice_slot_id)]`,
		},
		{
			Name:    "confirmed-slot",
			Promise: "every confirmed booking holds exactly its chosen slot as booked",
			Remedy:  settle,
			Query: `SELECT b.id::text FROM booking.bookings b WHERE b.status = 'confirmed' AND
				((SELECT array_agg(s.id) FROM course.schedules s WHERE s.booking_id = b.id AND s.status = 'booked')
					IS DISTINCT FROM ARRAY[b.confirmed_slot_id]
				OR b.confirmed_slot_id NOT IN (b.first_choice_slot_id, b.second_choice_slot_id))`,
			repair: announceBooking,
		},
		{
			Name:    "foreign-hold",
			Promise: "no slot is held by any other booking",
			Remedy:  settle,
			Query: `SELECT DISTINCT s.booking_id::text FROM course.schedules s LEFT JOIN booking.bookings b ON b.id = s.booking_id
				WHERE s.status <> 'available' AND NOT coalesce(
					b.status = 'pending' AND s.status = 'reserved' AND s.id IN (b.first_choice_slot_id, b.second_choice_slot_id)
					OR b.status = 'confirmed' AND s.status = 'booked' AND s.id = b.confirmed_slot_id, false)`,
			repair: announceBooking,
		},
		{
			Name:    "two-holders",
			Promise: "no slot has two holders",
			Remedy:  "revoke one of the bookings that name the slot",
			Left:    "an admin decides whose lesson it is",
			Query: `SELECT slot::text FROM booking.bookings b, LATERAL unnest(CASE b.status
				WHEN 'pending' THEN ARRAY[b.first_choice_slot_id, b.second_choice_slot_id]
				WHEN 'confirmed' THEN ARRAY[b.confirmed_slot_id] END) AS slot GROUP BY slot HAVING count(*) > 1`,
		},
	}
}

// bookingStates are the promises about bookings by themselves.
func bookingStates() []Check {
	return []Check{
		{
			Name:    "half-made",
			Promise: "no booking is left half made",
			Remedy:  "the log of booking says why the booking stays unfinished; shema verify -repair has the service finish or undo it",
			Query: `SELECT b.id::text FROM booking.bookings b
				WHERE b.status NOT IN ('pending', 'confirmed', 'rejected', 'cancelled')`,
			repair: finishBooking,
		},
		{
			Name:    "deadline",
			Promise: "a booking expires 72 hours after it was made at the latest",
			Remedy:  "set expires_at to created_at + 72 hours",
			Left:    "the person who moved the deadline may have promised it to the student",
			Query: `SELECT b.id::text FROM booking.bookings b
				WHERE b.expires_at > b.created_at + interval '72 hours'`,
		},
		{
			Name:    "status-fields",
			Promise: "reasons and times of a booking fit its status",
			Remedy:  "nothing but an edit by hand makes such a row: compare with the audit log and undo it",
			Left:    "the row alone does not tell which of its fields is right",
			Query: `SELECT b.id::text FROM booking.bookings b WHERE (CASE b.status
				WHEN 'holding' THEN b.confirmed_slot_id IS NULL
				WHEN 'pending' THEN b.status_reason IS NULL AND b.confirmed_slot_id IS NULL
				WHEN 'confirmed' THEN b.status_reason IS NULL AND b.confirmed_at IS NOT NULL
				WHEN 'cancelled' THEN b.status_reason IN ('student', 'admin', 'rescheduled')
				ELSE b.status_reason IN ('expired', 'admin') END) IS NOT TRUE`,
		},
	}
}

// Sequences are the promises about what has happened after what, across services.
func Sequences() []Check {
	return append(deadlines(), betweenServices()...)
}

// deadlines are the promises about when bookings are decided.
func deadlines() []Check {
	return []Check{
		{
			Name:    "late-decision",
			Promise: "no booking was confirmed after its deadline or before it was made",
			Remedy:  "compare the clocks of Postgres and of the booking service; the admin decides whether the lesson stands",
			Left:    "the student has been told of the lesson",
			Query: `SELECT b.id::text FROM booking.bookings b
				WHERE b.confirmed_at > b.expires_at OR b.confirmed_at < b.created_at`,
		},
		{
			Name:    "overdue",
			Promise: "a booking that no admin has decided ends within three minutes of its deadline",
			Remedy:  "the timer booking-expiry-sweep does not reach the booking service: see ShemaExpirySweepMissing in the runbook",
			Left:    "the sweep ends it as soon as it runs",
			Query: `SELECT b.id::text FROM booking.bookings b
				WHERE b.status = 'pending' AND b.expires_at < now() - interval '3 minutes'`,
		},
	}
}

// betweenServices are the promises about what one service knows of another's.
func betweenServices() []Check {
	return []Check{
		{
			Name:    "reservation-without-booking",
			Promise: "no reservation is open for a booking that has ended or does not exist",
			Remedy:  "shema verify -repair announces the booking's end again, and the course service releases its slots",
			Query: `SELECT r.booking_id::text FROM course.reservations r LEFT JOIN booking.bookings b ON b.id = r.booking_id
				WHERE r.state <> 'released' AND coalesce(b.status, 'gone') NOT IN ('holding', 'pending', 'confirmed')`,
			repair: announceBooking,
		},
		{
			Name:    "wrong-course",
			Promise: "a booking's slots belong to its course",
			Remedy:  "a slot has been moved by hand: the operator puts it back within a minute, or revoke the booking",
			Left:    "the catalogue's rows are the operator's, which does it by itself",
			Query: `SELECT DISTINCT b.id::text FROM booking.bookings b JOIN course.schedules s ON s.booking_id = b.id
				WHERE s.course_id <> b.course_id`,
		},
		{
			Name:    "student-not-active",
			Promise: "a student with a confirmed booking is not pending",
			Remedy:  "shema verify -repair announces the confirmation again, and the user service makes the student active",
			Query: `SELECT (array_agg(b.id ORDER BY b.confirmed_at))[1]::text FROM booking.bookings b JOIN users.users u ON u.id = b.user_id
				WHERE b.status = 'confirmed' AND u.role = 'student' AND u.status = 'pending' GROUP BY u.id`,
			repair: announceBooking,
		},
		{
			Name:    "student-count",
			Promise: "the count of students is that of the accounts",
			Remedy:  "rows were edited by hand: shema verify -repair counts anew",
			Query: `SELECT 'students' WHERE (SELECT sum(count) FROM users.student_counts)
				IS DISTINCT FROM (SELECT count(*) FROM users.users WHERE role = 'student' AND erased_at IS NULL)`,
			repair: countStudents,
		},
		{
			Name:    "unknown-person",
			Promise: "bookings and conversations belong to accounts",
			Remedy:  "one of the schemas was restored from another backup than users: restore them together",
			Left:    "only the other backup knows the person",
			Query: `SELECT owner::text FROM (SELECT user_id AS owner FROM booking.bookings
					UNION SELECT user_id FROM chat.chat_sessions) owners
				WHERE NOT EXISTS (SELECT FROM users.users u WHERE u.id = owner)`,
		},
	}
}
