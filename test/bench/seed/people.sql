-- A hundred thousand students and 49 teachers, whose passwords nobody knows; what they were told, and what is on record.
INSERT INTO users.users (id, email, email_key, password_hash, full_name, role, status, email_verified_at, created_at, updated_at)
SELECT pg_temp.student(n), email, email, '-', first || ' ' || last || ' ' || n, 'student', 'active', at, at, at
FROM (
    SELECT n, 'siswa-' || n || '@seed.test' AS email, pg_temp.moment() - n * interval '14 minutes' AS at,
        (ARRAY['Siti', 'Budi', 'Dewi', 'Agus', 'Putri', 'Rizky', 'Ayu', 'Wahyu', 'Intan', 'Bayu'])[1 + n % 10] AS first,
        (ARRAY['Rahmawati', 'Santoso', 'Lestari', 'Wijaya', 'Hidayat', 'Nugroho', 'Permata'])[1 + n % 7] AS last
    FROM generate_series(1, 100000) AS n WHERE n % 5000 <> 0) AS people;

INSERT INTO users.users (id, email, email_key, password_hash, full_name, role, status, email_verified_at)
SELECT pg_temp.teacher(n), 'guru-' || n || '@seed.test', 'guru-' || n || '@seed.test', '-', 'Guru ' || n, 'teacher', 'active', pg_temp.moment()
FROM generate_series(1, 49) AS n;

-- Students have 200,000 notifications, a fifth of them unread, and the admin 100,000, all read but ten.
INSERT INTO users.notifications (id, user_id, type, data, dedup, booking_id, state_version, read_at, created_at)
SELECT gen_random_uuid(), CASE WHEN n < 200000 THEN pg_temp.student(n) ELSE current_setting('bench.admin')::uuid END,
    CASE WHEN n < 200000 THEN 'booking_received' ELSE 'booking_created' END,
    jsonb_build_object('booking_id', pg_temp.booking(n), 'student_id', pg_temp.student(n),
        'course', jsonb_build_object('id', pg_temp.course(n % 300), 'name', 'kursus-' || n % 300, 'title', 'Kursus ' || n % 300),
        'first_choice', slot, 'second_choice', slot),
    'seed:' || n, pg_temp.booking(n), 1, CASE WHEN CASE WHEN n < 200000 THEN n % 5 > 0 ELSE n % 10000 > 0 END THEN at END, at
FROM (
    SELECT n, pg_temp.moment() - n % 100000 * interval '5 minutes' AS at, jsonb_build_object('id', pg_temp.slot(n),
        'starts_at', pg_temp.moment(), 'ends_at', pg_temp.moment() + interval '1 hour', 'time_zone', 'Asia/Jakarta') AS slot
    FROM generate_series(0, 299999) AS n) AS told;

INSERT INTO auth.audit_log (id, at, event, user_id, actor_id, ip, user_agent, request_id)
SELECT gen_random_uuid(), pg_temp.moment() - n * interval '1 minute', (ARRAY['login', 'login', 'logout', 'password_changed'])[1 + n % 4],
    pg_temp.student(n), pg_temp.student(n), '203.0.113.' || n % 250, 'Mozilla/5.0', gen_random_uuid()::text
FROM generate_series(1, 500000) AS n;

INSERT INTO recommendation.recommendations (id, user_id, origin, items, created_at)
SELECT gen_random_uuid(), pg_temp.student(n), 'request', '[]', pg_temp.moment() - n * interval '1 minute'
FROM generate_series(1, 100000) AS n;
