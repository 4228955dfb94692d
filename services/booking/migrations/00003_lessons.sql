-- Bookings as pages show them, lessons and their teachers, and the times at which people are reminded.

-- +goose Up
ALTER TABLE booking.bookings
    -- 1 is pending, and each change of the status adds one.
    ADD COLUMN state_version bigint NOT NULL DEFAULT 0,
    ADD COLUMN decided_by uuid,
    ADD COLUMN decided_at timestamptz,
    -- The confirmed booking that ends when this one is confirmed, and the one that has ended this one.
    ADD COLUMN replaces uuid,
    ADD COLUMN replaced_by uuid,
    -- The package's name; and from the snapshot what reports count by.
    ADD COLUMN package text,
    ADD COLUMN course_name text,
    ADD COLUMN instrument text,
    -- Of a confirmed booking: who gives the lesson, when it is, and who came.
    ADD COLUMN teacher_id uuid,
    ADD COLUMN lesson_starts_at timestamptz,
    ADD COLUMN lesson_ends_at timestamptz,
    ADD COLUMN attended boolean,
    ADD COLUMN attendance_note text,
    ADD COLUMN attended_by uuid,
    -- When the reminder of the lesson and the warning of the deadline were given into work.
    ADD COLUMN reminded_at timestamptz,
    ADD COLUMN expiry_warned_at timestamptz;
ALTER TABLE booking.bookings DROP CONSTRAINT bookings_status_reason_check;
ALTER TABLE booking.bookings ADD CONSTRAINT bookings_status_reason_check
    CHECK (status_reason IN ('expired', 'admin', 'student', 'rescheduled'));

-- The snapshot holds the whole course. Of older bookings only the title is known.
-- +goose StatementBegin
CREATE FUNCTION booking.whole_snapshot(lesson jsonb, course uuid) RETURNS jsonb LANGUAGE sql IMMUTABLE AS $$
    SELECT CASE WHEN lesson ? 'course_title' THEN jsonb_build_object(
        'course', jsonb_build_object('id', course, 'name', '', 'title', lesson->'course_title', 'instrument', '',
            'level', 'beginner', 'teacher', NULL),
        'package', NULL, 'slots', lesson->'slots') ELSE lesson END
$$;
-- +goose StatementEnd
UPDATE booking.bookings SET
    lesson = booking.whole_snapshot(lesson, course_id),
    state_version = CASE
        WHEN status = 'holding' THEN 0
        WHEN status = 'pending' THEN 1
        WHEN status = 'cancelled' AND confirmed_slot_id IS NOT NULL THEN 3
        ELSE 2 END,
    decided_at = CASE WHEN status_reason IS DISTINCT FROM 'expired' AND status NOT IN ('holding', 'pending') THEN updated_at END,
    lesson_starts_at = (lesson->'slots'->(confirmed_slot_id::text)->>'startsAt')::timestamptz,
    lesson_ends_at = (lesson->'slots'->(confirmed_slot_id::text)->>'endsAt')::timestamptz;
UPDATE booking.idempotency_keys SET answer = jsonb_set(answer, '{booking,lesson}',
    booking.whole_snapshot(answer->'booking'->'lesson', (answer->'booking'->>'course_id')::uuid))
WHERE answer->'booking'->'lesson' ? 'course_title';
DROP FUNCTION booking.whole_snapshot(jsonb, uuid);

CREATE INDEX bookings_lessons_of_student ON booking.bookings (user_id, lesson_starts_at, id) WHERE status = 'confirmed';
CREATE INDEX bookings_lessons_of_teacher ON booking.bookings (teacher_id, lesson_starts_at, id) WHERE status = 'confirmed';
CREATE INDEX bookings_lessons ON booking.bookings (lesson_starts_at, id) WHERE status = 'confirmed';
CREATE INDEX bookings_reminders ON booking.bookings (lesson_starts_at) WHERE status = 'confirmed' AND reminded_at IS NULL;
CREATE INDEX bookings_warnings ON booking.bookings (expires_at) WHERE status = 'pending' AND expiry_warned_at IS NULL;
CREATE INDEX bookings_report ON booking.bookings (created_at)
    INCLUDE (status, status_reason, decided_at, course_name, instrument) WHERE status <> 'holding';
CREATE INDEX bookings_by_course ON booking.bookings (course_id, created_at DESC, id DESC);
CREATE INDEX bookings_calendar_of_student ON booking.bookings (user_id, lesson_starts_at) WHERE confirmed_slot_id IS NOT NULL;
CREATE INDEX bookings_calendar_of_teacher ON booking.bookings (teacher_id, lesson_starts_at) WHERE confirmed_slot_id IS NOT NULL;

-- The account of each course's teacher, as it was when it was last looked up; null where there is none.
CREATE TABLE booking.course_teachers (
    course_id  uuid PRIMARY KEY,
    teacher_id uuid,
    checked_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX course_teachers_checked ON booking.course_teachers (checked_at);
CREATE INDEX course_teachers_of ON booking.course_teachers (teacher_id) WHERE teacher_id IS NOT NULL;

-- Who has left. Nothing of theirs is written any more.
CREATE TABLE IF NOT EXISTS booking.erased_people (
    user_id uuid PRIMARY KEY,
    at      timestamptz NOT NULL DEFAULT now()
);

-- +goose Down
DROP TABLE booking.course_teachers;
DROP INDEX booking.bookings_lessons_of_student, booking.bookings_lessons_of_teacher, booking.bookings_lessons,
    booking.bookings_reminders, booking.bookings_warnings, booking.bookings_report, booking.bookings_by_course,
    booking.bookings_calendar_of_student, booking.bookings_calendar_of_teacher;
UPDATE booking.bookings SET lesson = jsonb_build_object('course_title', lesson->'course'->'title', 'slots', lesson->'slots')
WHERE lesson ? 'course';
UPDATE booking.bookings SET status_reason = 'student' WHERE status_reason = 'rescheduled';
ALTER TABLE booking.bookings DROP CONSTRAINT bookings_status_reason_check;
ALTER TABLE booking.bookings ADD CONSTRAINT bookings_status_reason_check
    CHECK (status_reason IN ('expired', 'admin', 'student'));
ALTER TABLE booking.bookings
    DROP COLUMN state_version, DROP COLUMN decided_by, DROP COLUMN decided_at, DROP COLUMN replaces,
    DROP COLUMN replaced_by, DROP COLUMN package, DROP COLUMN course_name, DROP COLUMN instrument,
    DROP COLUMN teacher_id, DROP COLUMN lesson_starts_at, DROP COLUMN lesson_ends_at, DROP COLUMN attended,
    DROP COLUMN attendance_note, DROP COLUMN attended_by, DROP COLUMN reminded_at, DROP COLUMN expiry_warned_at;
