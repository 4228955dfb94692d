-- Events that have to leave: the table of kit/outbox, in the schema of each service. {schema} is replaced by the quoted
-- name. A row is deleted once its event has left.
CREATE TABLE IF NOT EXISTS {schema}.outbox_events (
    seq        bigint      GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    id         uuid        NOT NULL,
    topic      text        NOT NULL,
    data       json        NOT NULL,
    -- The W3C traceparent of what has made the event, or empty.
    trace      text        NOT NULL DEFAULT '',
    created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    -- When the event is to be published next, and how often that has failed.
    due_at     timestamptz NOT NULL DEFAULT clock_timestamp(),
    failures   integer     NOT NULL DEFAULT 0
);
