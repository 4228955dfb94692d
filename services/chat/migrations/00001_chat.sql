-- Sessions, their messages, who has read how far, and tickets for connections.

-- +goose Up
CREATE TABLE chat.chat_sessions (
    id               uuid PRIMARY KEY,
    user_id          uuid NOT NULL,
    status           text NOT NULL DEFAULT 'active' CHECK (status IN ('active', 'closed')),
    -- The number of the newest message; it is counted up in the transaction that
    -- writes the message, so that numbers have no holes.
    last_seq         bigint NOT NULL DEFAULT 0,
    started_at       timestamptz NOT NULL DEFAULT clock_timestamp(),
    last_activity_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    closed_at        timestamptz,
    closed_reason    text CHECK (closed_reason IN ('idle', 'admin')),
    CHECK ((status = 'closed') = (closed_at IS NOT NULL))
);
-- One open session for each person; it settles races between connections.
CREATE UNIQUE INDEX chat_sessions_one_active ON chat.chat_sessions (user_id) WHERE status = 'active';
-- Both the lists and the question "what has changed lately" of every replica.
CREATE INDEX chat_sessions_active ON chat.chat_sessions (last_activity_at DESC, id DESC) WHERE status = 'active';
CREATE INDEX chat_sessions_closed ON chat.chat_sessions (closed_at) WHERE status = 'closed';

CREATE TABLE chat.chat_messages (
    id            uuid PRIMARY KEY,
    session_id    uuid NOT NULL REFERENCES chat.chat_sessions (id),
    seq           bigint NOT NULL CHECK (seq > 0),
    sender        text NOT NULL CHECK (sender IN ('student', 'teacher', 'admin')),
    sender_id     uuid NOT NULL,
    -- Null if the user service was away when the message was written.
    sender_name   text,
    message       text NOT NULL CHECK (message <> '' AND char_length(message) <= 4000),
    client_msg_id text NOT NULL CHECK (client_msg_id <> '' AND char_length(client_msg_id) <= 128),
    created_at    timestamptz NOT NULL DEFAULT clock_timestamp(),
    CONSTRAINT chat_messages_seq UNIQUE (session_id, seq),
    -- What makes sending again harmless.
    CONSTRAINT chat_messages_once UNIQUE (sender_id, client_msg_id)
);
-- Counts what admins have not read.
CREATE INDEX chat_messages_from_people ON chat.chat_messages (session_id, seq) WHERE sender <> 'admin';

CREATE TABLE chat.read_marks (
    session_id uuid NOT NULL REFERENCES chat.chat_sessions (id),
    user_id    uuid NOT NULL,
    seq        bigint NOT NULL,
    updated_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (session_id, user_id)
);

-- Tickets are kept as digests: who reads this table can't connect.
CREATE TABLE chat.tickets (
    digest           bytea PRIMARY KEY,
    user_id          uuid NOT NULL,
    auth_session_id  uuid NOT NULL,
    role             text NOT NULL,
    -- When the access token that the ticket stands for expires, and the ticket itself.
    token_expires_at timestamptz NOT NULL,
    expires_at       timestamptz NOT NULL
);
CREATE INDEX tickets_by_expiry ON chat.tickets (expires_at);

-- +goose Down
DROP TABLE chat.tickets;
DROP TABLE chat.read_marks;
DROP TABLE chat.chat_messages;
DROP TABLE chat.chat_sessions;
