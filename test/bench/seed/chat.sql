-- A million messages: 50,000 conversations of the last 700 days, the newest 200 of them open, one in 500 without an answer.
INSERT INTO chat.chat_sessions (id, user_id, status, last_seq, started_at, last_activity_at, closed_at, closed_reason,
    last_person_seq, admin_read_seq, delivered_seq)
SELECT md5('conversation ' || n::text)::uuid, pg_temp.student(n), CASE WHEN n < 49800 THEN 'closed' ELSE 'active' END, 20, begun,
    CASE WHEN n < 49800 THEN begun + interval '20 minutes' ELSE pg_temp.moment() - n % 10 * interval '1 minute' END,
    CASE WHEN n < 49800 THEN begun + interval '50 minutes' END, CASE WHEN n < 49800 THEN 'idle' END,
    CASE WHEN n % 500 = 0 THEN 20 ELSE 19 END, CASE WHEN n % 500 = 0 THEN 18 ELSE 20 END, 20
FROM (SELECT n, pg_temp.moment() - (50000 - n) * interval '1209 seconds' AS begun FROM generate_series(0, 49999) AS n) AS conversations;

INSERT INTO chat.chat_messages (id, session_id, seq, sender, sender_id, sender_name, message, client_msg_id, created_at)
SELECT gen_random_uuid(), md5('conversation ' || n::text)::uuid, seq, CASE WHEN own THEN 'student' ELSE 'admin' END,
    CASE WHEN own THEN pg_temp.student(n) ELSE current_setting('bench.admin')::uuid END, CASE WHEN own THEN 'Siswa' ELSE 'Admin' END,
    'Apakah ada jadwal lain pada hari Senin sore? Nomor ' || seq, n || '-' || seq,
    pg_temp.moment() - (50000 - n) * interval '1209 seconds' + seq * interval '1 minute'
FROM (
    SELECT n, seq, seq % 2 = 1 OR n % 500 = 0 AND seq = 20 AS own
    FROM generate_series(0, 49999) AS n, generate_series(1, 20) AS seq) AS said;

INSERT INTO chat.read_marks (session_id, user_id, seq)
SELECT md5('conversation ' || n::text)::uuid, current_setting('bench.admin')::uuid, CASE WHEN n % 500 = 0 THEN 18 ELSE 20 END
FROM generate_series(0, 49999) AS n;
