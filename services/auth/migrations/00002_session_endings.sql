-- +goose Up
-- Whose sessions are ending: a row is written before the session document is, and looked at for some seconds. Replicas
-- that remember documents ask here what they must not go by any more.
CREATE TABLE auth.session_endings (
    user_id  uuid         PRIMARY KEY,
    at       timestamptz  NOT NULL DEFAULT clock_timestamp()
);
CREATE INDEX session_endings_at ON auth.session_endings (at);

-- What is deleted when it is old is found by its age.
CREATE INDEX login_locks_until ON auth.login_locks (until);
CREATE INDEX known_networks_last_login_at ON auth.known_networks (last_login_at);

-- +goose Down
DROP INDEX auth.known_networks_last_login_at, auth.login_locks_until;
DROP TABLE auth.session_endings;
