-- Sessions that wait for an answer, that are opened again, and persons who have left.

-- +goose Up
ALTER TABLE chat.chat_sessions
    -- The number after which the session was opened for the last time; 0 until it is opened again.
    ADD COLUMN opened_seq      bigint NOT NULL DEFAULT 0,
    -- The number of the person's last message, and up to where an admin has read or replied.
    ADD COLUMN last_person_seq bigint NOT NULL DEFAULT 0,
    ADD COLUMN admin_read_seq  bigint NOT NULL DEFAULT 0,
    -- Up to where messages reached a socket of the person.
    ADD COLUMN delivered_seq   bigint NOT NULL DEFAULT 0,
    ADD COLUMN unanswered      boolean GENERATED ALWAYS AS (last_person_seq > admin_read_seq) STORED;
UPDATE chat.chat_sessions s SET
    last_person_seq = coalesce((SELECT max(seq) FROM chat.chat_messages m WHERE m.session_id = s.id AND m.sender <> 'admin'), 0),
    admin_read_seq  = greatest(
        coalesce((SELECT max(seq) FROM chat.chat_messages m WHERE m.session_id = s.id AND m.sender = 'admin'), 0),
        coalesce((SELECT max(seq) FROM chat.read_marks r WHERE r.session_id = s.id AND r.user_id <> s.user_id), 0));
CREATE INDEX chat_sessions_unanswered ON chat.chat_sessions (last_activity_at DESC, id DESC) WHERE unanswered;
CREATE INDEX chat_sessions_own ON chat.chat_sessions (user_id, last_activity_at DESC, id DESC);
-- All lists go by activity; open sessions are where it is latest.
CREATE INDEX chat_sessions_by_activity ON chat.chat_sessions (last_activity_at DESC, id DESC);
DROP INDEX chat.chat_sessions_active;

-- Messages of persons who have left stay as numbers without text.
ALTER TABLE chat.chat_messages
    ADD COLUMN erased_at timestamptz,
    DROP CONSTRAINT chat_messages_message_check,
    ADD CONSTRAINT chat_messages_message_check
        CHECK (char_length(message) <= 4000 AND (message <> '' OR erased_at IS NOT NULL));

-- Messages whose events have not been published; a row is written with its message and goes with its event.
CREATE TABLE chat.unpublished_messages (
    message_id uuid PRIMARY KEY
);

-- Persons who have left: nothing of theirs is written any more.
CREATE TABLE IF NOT EXISTS chat.erased_people (
    user_id uuid PRIMARY KEY,
    at      timestamptz NOT NULL DEFAULT clock_timestamp()
);

-- +goose Down
DROP TABLE chat.erased_people;
DROP TABLE chat.unpublished_messages;
DELETE FROM chat.chat_messages WHERE message = '';
ALTER TABLE chat.chat_messages
    DROP CONSTRAINT chat_messages_message_check,
    ADD CONSTRAINT chat_messages_message_check CHECK (message <> '' AND char_length(message) <= 4000),
    DROP COLUMN erased_at;
CREATE INDEX chat_sessions_active ON chat.chat_sessions (last_activity_at DESC, id DESC) WHERE status = 'active';
DROP INDEX chat.chat_sessions_by_activity;
DROP INDEX chat.chat_sessions_own;
DROP INDEX chat.chat_sessions_unanswered;
ALTER TABLE chat.chat_sessions
    DROP COLUMN unanswered,
    DROP COLUMN delivered_seq,
    DROP COLUMN admin_read_seq,
    DROP COLUMN last_person_seq,
    DROP COLUMN opened_seq;
