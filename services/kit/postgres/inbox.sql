-- Tables of kit/inbox and of kit/postgres, in the schema of each service. {schema} is replaced by the quoted name.
CREATE TABLE IF NOT EXISTS {schema}.inbox_events (
    id          text        NOT NULL,
    topic       text        NOT NULL,
    handled_at  timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (id, topic)
);
CREATE INDEX IF NOT EXISTS inbox_events_handled_at ON {schema}.inbox_events (handled_at);

CREATE TABLE IF NOT EXISTS {schema}.dead_letters (
    id           text        NOT NULL,
    topic        text        NOT NULL,
    event        jsonb       NOT NULL,
    received_at  timestamptz NOT NULL DEFAULT now(),
    replayed_at  timestamptz,
    PRIMARY KEY (id, topic)
);
-- A letter that an operator has looked at and that needs no replay is dismissed. One is proven if one of our services has
-- published it (kit/eventsign); of the others only some are kept.
ALTER TABLE {schema}.dead_letters ADD COLUMN IF NOT EXISTS dismissed_at timestamptz;
ALTER TABLE {schema}.dead_letters ADD COLUMN IF NOT EXISTS proven boolean NOT NULL DEFAULT true;

-- The row that a service writes to see whether it can.
CREATE TABLE IF NOT EXISTS {schema}.readiness (
    only_row   boolean     PRIMARY KEY DEFAULT true CHECK (only_row),
    written_at timestamptz NOT NULL DEFAULT now()
);
