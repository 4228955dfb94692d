-- What all parts of the seed agree on. bench.now, bench.student, bench.teacher and bench.admin are set before: the moment of
-- the seed, and those whose questions are measured. Each is simple enough for Postgres to put it into the query, where a call
-- for each of millions of rows would take minutes; that is why numbers are cast to text.

-- The n-th wish's student: a hundred thousand take turns, and every 5,000th is the one who is measured.
CREATE FUNCTION pg_temp.student(n bigint) RETURNS uuid LANGUAGE sql STABLE AS $$
    SELECT CASE WHEN n % 5000 = 0 THEN current_setting('bench.student')::uuid
        ELSE ('01900000-0000-7000-8000-' || lpad(to_hex(n % 100000), 12, '0'))::uuid END
$$;

CREATE FUNCTION pg_temp.booking(n bigint) RETURNS uuid LANGUAGE sql IMMUTABLE AS $$
    SELECT ('01900000-0000-7000-8002-' || lpad(to_hex(n), 12, '0'))::uuid
$$;

CREATE FUNCTION pg_temp.course(n bigint) RETURNS uuid LANGUAGE sql IMMUTABLE AS $$ SELECT md5('course ' || n::text)::uuid $$;

CREATE FUNCTION pg_temp.slot(n bigint) RETURNS uuid LANGUAGE sql IMMUTABLE AS $$ SELECT md5('slot ' || n::text)::uuid $$;

-- Fifty teachers give the lessons of 300 courses.
CREATE FUNCTION pg_temp.teacher(course bigint) RETURNS uuid LANGUAGE sql STABLE AS $$
    SELECT CASE WHEN course % 50 = 0 THEN current_setting('bench.teacher')::uuid
        ELSE ('01900000-0000-7000-8001-' || lpad(to_hex(course % 50), 12, '0'))::uuid END
$$;

CREATE FUNCTION pg_temp.instrument(course bigint) RETURNS text LANGUAGE sql IMMUTABLE AS $$
    SELECT (ARRAY['piano', 'guitar', 'violin', 'drums', 'vocal', 'cello', 'flute', 'angklung'])[1 + course % 8]
$$;

CREATE FUNCTION pg_temp.moment() RETURNS timestamptz LANGUAGE sql STABLE AS $$ SELECT current_setting('bench.now')::timestamptz $$;

-- A million slots of 2,000 Schedules. The first 700,000 are booked, from 900 days ago to 100 days ahead; 290,000 are free, the
-- oldest 80 days old; 10,000 are held in pairs.
CREATE FUNCTION pg_temp.schedule(slot bigint) RETURNS bigint LANGUAGE sql IMMUTABLE AS $$
    SELECT CASE WHEN slot < 990000 THEN slot ELSE (slot - 990000) / 2 END % 2000
$$;

CREATE FUNCTION pg_temp.course_of(slot bigint) RETURNS bigint LANGUAGE sql IMMUTABLE AS $$ SELECT pg_temp.schedule(slot) % 300 $$;

CREATE FUNCTION pg_temp.starts_at(slot bigint) RETURNS timestamptz LANGUAGE sql STABLE AS $$
    SELECT pg_temp.moment() + CASE
        WHEN slot < 700000 THEN interval '-900 days' + slot * interval '123.4 seconds'
        WHEN slot < 990000 THEN interval '-80 days' + (slot - 700000) * interval '53.6 seconds'
        ELSE interval '1 day' + (slot - 990000) * interval '4 minutes' END
$$;
