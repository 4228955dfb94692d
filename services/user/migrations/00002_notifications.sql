-- +goose Up
-- The language in which a person is written to. The school is Indonesian: whoever has not said otherwise reads that.
ALTER TABLE users.users ADD COLUMN language text NOT NULL DEFAULT 'id' CHECK (language IN ('en', 'id'));

-- What people are told. Title and body are in the person's language of that moment; data are the facts behind them.
CREATE TABLE users.notifications (
    id         uuid        PRIMARY KEY,
    user_id    uuid        NOT NULL REFERENCES users.users (id) ON DELETE CASCADE,
    type       text        NOT NULL,
    title      text        NOT NULL,
    body       text        NOT NULL,
    data       jsonb       NOT NULL,
    read_at    timestamptz,
    created_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX notifications_newest ON users.notifications (user_id, created_at DESC, id DESC);

-- +goose Down
DROP TABLE users.notifications;
ALTER TABLE users.users DROP COLUMN language;
