-- +goose Up
-- email_verified_at is since when it is known that mails reach the person. Of the secret in a calendar's address only the
-- hash is kept. A person with erased_at has left: the row keeps the id and what statistics need, and nothing personal.
ALTER TABLE users.users
    ADD COLUMN email_verified_at    timestamptz,
    ADD COLUMN email_notifications  boolean NOT NULL DEFAULT true,
    ADD COLUMN calendar_secret_hash bytea   CONSTRAINT users_calendar UNIQUE,
    ADD COLUMN erased_at            timestamptz;

DROP INDEX users.users_newest;
CREATE INDEX users_newest ON users.users (created_at DESC, id DESC) WHERE erased_at IS NULL;
CREATE INDEX users_students ON users.users (id) WHERE role = 'student' AND erased_at IS NULL;

-- Texts are written when they are read, in the reader's language; data keeps people by id alone. The pair of recipient
-- and dedup is told once. state_version is the booking's state of which a notification tells.
ALTER TABLE users.notifications
    DROP COLUMN title,
    DROP COLUMN body,
    ADD COLUMN dedup         text,
    ADD COLUMN booking_id    uuid,
    ADD COLUMN state_version bigint NOT NULL DEFAULT 0;

UPDATE users.notifications SET
    dedup = id::text,
    booking_id = (data ->> 'booking_id')::uuid,
    type = CASE type WHEN 'booking.cancelled' THEN 'booking_revoked' ELSE replace(type, '.', '_') END,
    data = (data - 'course_id' - 'course_title' - 'student_name') || jsonb_build_object('course', jsonb_build_object(
        'id', data -> 'course_id', 'name', '', 'title', coalesce(data ->> 'course_title', '')));

ALTER TABLE users.notifications
    ALTER COLUMN dedup SET NOT NULL,
    ADD CONSTRAINT notifications_once UNIQUE (user_id, dedup),
    ADD CONSTRAINT notifications_type CHECK (type IN (
        'booking_received', 'booking_confirmed', 'booking_rejected', 'booking_expired', 'booking_revoked',
        'lesson_reminder', 'lesson_confirmed', 'lesson_revoked',
        'booking_created', 'booking_cancelled', 'booking_expiring', 'chat_unanswered'));
CREATE INDEX notifications_unread ON users.notifications (user_id) WHERE read_at IS NULL;
CREATE INDEX notifications_old ON users.notifications (created_at);

-- The newest state of each booking that people were told of: nobody is told an older one after it.
CREATE TABLE users.booking_states (
    booking_id uuid        PRIMARY KEY,
    version    bigint      NOT NULL,
    updated_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX booking_states_old ON users.booking_states (updated_at);

-- Mail that has to leave. When it has, address and token are gone; the row stays a day, so that sending it again changes
-- nothing.
CREATE TABLE users.letters (
    id              uuid        PRIMARY KEY,
    kind            text        NOT NULL,
    user_id         uuid        NOT NULL REFERENCES users.users (id) ON DELETE CASCADE,
    notification_id uuid        REFERENCES users.notifications (id) ON DELETE CASCADE,
    address         text,
    token           text,
    expires_at      timestamptz,
    created_at      timestamptz NOT NULL DEFAULT now(),
    done_at         timestamptz
);
CREATE INDEX letters_of ON users.letters (user_id);
CREATE INDEX letters_about ON users.letters (notification_id);
CREATE INDEX letters_old ON users.letters (created_at);

-- Which services have yet to forget somebody who has left.
CREATE TABLE users.erasures (
    user_id      uuid        NOT NULL,
    app_id       text        NOT NULL,
    requested_at timestamptz NOT NULL DEFAULT now(),
    done_at      timestamptz,
    PRIMARY KEY (user_id, app_id)
);
CREATE INDEX erasures_open ON users.erasures (requested_at) WHERE done_at IS NULL;

-- +goose Down
DROP TABLE users.erasures;
DROP TABLE users.letters;
DROP TABLE users.booking_states;

DELETE FROM users.notifications WHERE type NOT IN (
    'booking_created', 'booking_confirmed', 'booking_rejected', 'booking_expired', 'booking_revoked');
DROP INDEX users.notifications_old;
DROP INDEX users.notifications_unread;
ALTER TABLE users.notifications
    DROP CONSTRAINT notifications_type,
    DROP CONSTRAINT notifications_once,
    DROP COLUMN state_version,
    DROP COLUMN booking_id,
    DROP COLUMN dedup,
    ADD COLUMN title text NOT NULL DEFAULT '',
    ADD COLUMN body  text NOT NULL DEFAULT '';
UPDATE users.notifications SET
    type = CASE type WHEN 'booking_revoked' THEN 'booking.cancelled' ELSE replace(type, '_', '.') END;

DROP INDEX users.users_students;
DROP INDEX users.users_newest;
CREATE INDEX users_newest ON users.users (created_at DESC, id DESC);
ALTER TABLE users.users
    DROP COLUMN erased_at,
    DROP COLUMN calendar_secret_hash,
    DROP COLUMN email_notifications,
    DROP COLUMN email_verified_at;
