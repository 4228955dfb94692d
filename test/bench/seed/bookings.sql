-- A million bookings: 700,000 confirmed, each with the slot of its number 100 days later; 295,000 rejected, expired or cancelled, evenly
-- over 1,000 days; 5,000 pending, of the last three days.
INSERT INTO booking.bookings (id, user_id, course_id, first_choice_slot_id, second_choice_slot_id, status, status_reason, note,
    created_at, expires_at, updated_at, confirmed_slot_id, confirmed_at, decided_by, decided_at, lesson, state_version, course_name,
    instrument, teacher_id, lesson_starts_at, lesson_ends_at, attended, attended_by, reminded_at, expiry_warned_at)
SELECT pg_temp.booking(n), pg_temp.student(n), pg_temp.course(course), pg_temp.slot(slot), pg_temp.slot(other), status,
    CASE WHEN status = 'cancelled' THEN 'student' WHEN status = 'rejected' AND n % 4 = 2 THEN 'expired'
        WHEN status = 'rejected' THEN 'admin' END,
    CASE WHEN n % 3 = 0 THEN 'Saya punya piano di rumah.' END, made, made + interval '72 hours', coalesce(decided, made),
    CASE WHEN confirmed THEN pg_temp.slot(slot) END, CASE WHEN confirmed THEN decided END,
    CASE WHEN confirmed OR status = 'rejected' AND n % 4 < 2 THEN current_setting('bench.admin')::uuid END,
    CASE WHEN n % 4 <> 2 OR confirmed THEN decided END,
    jsonb_build_object(
        'course', jsonb_build_object('id', pg_temp.course(course), 'name', 'kursus-' || course, 'title', 'Kursus ' || course,
            'instrument', pg_temp.instrument(course), 'level', (ARRAY['beginner', 'intermediate', 'advanced'])[1 + course % 3],
            'teacher', 'Guru ' || course % 50),
        'package', NULL,
        'slots', jsonb_build_object(
            pg_temp.slot(slot)::text, jsonb_build_object('startsAt', starts, 'endsAt', starts + interval '1 hour', 'timeZone', 'Asia/Jakarta'),
            pg_temp.slot(other)::text, jsonb_build_object('startsAt', pg_temp.starts_at(other),
                'endsAt', pg_temp.starts_at(other) + interval '1 hour', 'timeZone', 'Asia/Jakarta'))),
    CASE WHEN status = 'pending' THEN 1 ELSE 2 END, 'kursus-' || course, pg_temp.instrument(course),
    CASE WHEN confirmed THEN pg_temp.teacher(course) END, CASE WHEN confirmed THEN starts END,
    CASE WHEN confirmed THEN starts + interval '1 hour' END,
    CASE WHEN confirmed AND starts < pg_temp.moment() THEN n % 10 > 0 END,
    CASE WHEN confirmed AND starts < pg_temp.moment() THEN pg_temp.teacher(course) END,
    CASE WHEN confirmed THEN pg_temp.moment() END, CASE WHEN status = 'pending' THEN pg_temp.moment() END
FROM (
    SELECT *, status = 'confirmed' AS confirmed, pg_temp.course_of(slot) AS course, pg_temp.starts_at(slot) AS starts,
        CASE WHEN status <> 'pending' THEN made + least(n % 60 * interval '1 hour', (pg_temp.moment() - made) / 2) END AS decided
    FROM (
        SELECT n, 'confirmed' AS status, n AS slot, CASE WHEN n < 698000 THEN n + 2000 ELSE n - 2000 END AS other,
            pg_temp.starts_at(n) - interval '100 days 1 minute' AS made
        FROM generate_series(0, 699999) AS n
        UNION ALL
        SELECT n, CASE WHEN n % 4 = 3 THEN 'cancelled' ELSE 'rejected' END, (n - 700000) * 2, (n - 700000) * 2 + 2000,
            pg_temp.moment() - (995000 - n) * interval '292.8 seconds'
        FROM generate_series(700000, 994999) AS n
        UNION ALL
        SELECT n, 'pending', 990000 + (n - 995000) * 2, 990001 + (n - 995000) * 2,
            pg_temp.moment() - interval '1 minute' - (999999 - n) * interval '50 seconds'
        FROM generate_series(995000, 999999) AS n) AS wishes) AS seeded;

INSERT INTO course.reservations (booking_id, course_id, slot_ids, confirmed_slot_id, state, updated_at)
SELECT id, course_id, ARRAY[first_choice_slot_id, second_choice_slot_id], confirmed_slot_id,
    CASE status WHEN 'confirmed' THEN 'confirmed' WHEN 'pending' THEN 'reserved' ELSE 'released' END, updated_at
FROM booking.bookings WHERE id >= pg_temp.booking(0) AND id <= pg_temp.booking(999999)
    AND (status IN ('confirmed', 'pending') OR updated_at > pg_temp.moment() - interval '80 days');
