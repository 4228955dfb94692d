-- +goose Up
-- Tokens that came, or will come, in a mail: their SHA-256. address is that of a change of address alone, until it is done.
CREATE TABLE auth.mail_tokens (
    hash        bytea        PRIMARY KEY,
    letter_id   uuid         NOT NULL,
    kind        text         NOT NULL CHECK (kind IN ('email_verification', 'password_reset', 'invitation', 'email_change')),
    user_id     uuid         NOT NULL,
    address     text,
    created_at  timestamptz  NOT NULL DEFAULT clock_timestamp(),
    expires_at  timestamptz  NOT NULL,
    used_at     timestamptz
);
CREATE INDEX mail_tokens_person ON auth.mail_tokens (user_id, kind, created_at);
CREATE INDEX mail_tokens_expires_at ON auth.mail_tokens (expires_at);

-- Who has left: what is on its way must not bring anything of them back.
CREATE TABLE IF NOT EXISTS auth.erased_people (
    user_id  uuid         PRIMARY KEY,
    at       timestamptz  NOT NULL DEFAULT now()
);

-- What is kept under an address is deleted with the person.
CREATE INDEX audit_log_email ON auth.audit_log (email_hash) WHERE email_hash IS NOT NULL;

-- +goose Down
DROP INDEX auth.audit_log_email;
DROP TABLE auth.erased_people, auth.mail_tokens;
