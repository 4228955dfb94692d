-- The rows that the operator would have made of 300 Courses and 2,000 Schedules.
INSERT INTO course.courses (id, name, title, description, instrument, level, price_category, teacher, teacher_email,
    available_days, resource_namespace, resource_uid, resource_generation)
SELECT pg_temp.course(n), 'kursus-' || n, 'Kursus ' || n, 'Langkah pertama', pg_temp.instrument(n),
    (ARRAY['beginner', 'intermediate', 'advanced'])[1 + n % 3], (ARRAY['low', 'medium', 'high'])[1 + n % 3], t.full_name, t.email,
    '{monday}', 'seed', 'course-' || n, 1
FROM generate_series(0, 299) AS n JOIN users.users t ON t.id = pg_temp.teacher(n);

INSERT INTO booking.course_teachers (course_id, teacher_id) SELECT pg_temp.course(n), pg_temp.teacher(n) FROM generate_series(0, 299) AS n;

INSERT INTO course.schedules (id, course_id, starts_at, ends_at, time_zone, status, booking_id, resource_namespace, resource_name,
    resource_uid, resource_generation, created_at, updated_at)
SELECT pg_temp.slot(n), pg_temp.course(pg_temp.course_of(n)), at, at + interval '1 hour', 'Asia/Jakarta',
    CASE WHEN n < 700000 THEN 'booked' WHEN n < 990000 THEN 'available' ELSE 'reserved' END,
    CASE WHEN n < 700000 THEN pg_temp.booking(n) WHEN n >= 990000 THEN pg_temp.booking(995000 + (n - 990000) / 2) END,
    'seed', 'jadwal-' || pg_temp.schedule(n), 'schedule-' || pg_temp.schedule(n), 1, least(at, pg_temp.moment()) - interval '20 days',
    least(at, pg_temp.moment()) - interval '7 days'
FROM (SELECT n, pg_temp.starts_at(n) AS at FROM generate_series(0, 999999) AS n) AS slots;
