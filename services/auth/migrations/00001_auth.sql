-- +goose Up
-- E-mail addresses are kept as SHA-256 of the folded address. network is a /24 or /64.
-- A guess is here from before its password is looked at (pending) until it is right (deleted) or old.
CREATE TABLE auth.login_attempts (
    id          bigint      GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    email_hash  bytea       NOT NULL,
    network     text        NOT NULL,
    at          timestamptz NOT NULL DEFAULT clock_timestamp(),
    pending     boolean     NOT NULL DEFAULT true
);
CREATE INDEX login_attempts_email ON auth.login_attempts (email_hash, at);
CREATE INDEX login_attempts_at ON auth.login_attempts (at);

-- A lock of the pair, or of the address for all unknown networks (network is empty).
CREATE TABLE auth.login_locks (
    email_hash  bytea       NOT NULL,
    network     text        NOT NULL,
    until       timestamptz NOT NULL,
    PRIMARY KEY (email_hash, network)
);

CREATE TABLE auth.known_networks (
    email_hash    bytea       NOT NULL,
    network       text        NOT NULL,
    last_login_at timestamptz NOT NULL,
    PRIMARY KEY (email_hash, network)
);

-- Never a password, a token or an e-mail address in clear.
CREATE TABLE auth.audit_log (
    id          bigint      GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    at          timestamptz NOT NULL DEFAULT clock_timestamp(),
    event       text        NOT NULL,
    user_id     uuid,
    email_hash  bytea,
    ip          text        NOT NULL DEFAULT '',
    user_agent  text        NOT NULL DEFAULT '',
    request_id  text        NOT NULL DEFAULT ''
);
CREATE INDEX audit_log_user ON auth.audit_log (user_id, at);
CREATE INDEX audit_log_at ON auth.audit_log (at);

-- +goose Down
DROP TABLE auth.audit_log, auth.known_networks, auth.login_locks, auth.login_attempts;
