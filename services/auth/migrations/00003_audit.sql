-- +goose Up
-- Lines get ids that say nothing of how many there are, an actor, and details. What is not known is null.
ALTER TABLE auth.audit_log
    ALTER COLUMN ip DROP NOT NULL, ALTER COLUMN ip DROP DEFAULT,
    ALTER COLUMN user_agent DROP NOT NULL, ALTER COLUMN user_agent DROP DEFAULT,
    ALTER COLUMN request_id DROP NOT NULL, ALTER COLUMN request_id DROP DEFAULT,
    ADD COLUMN actor_id uuid,
    ADD COLUMN details jsonb NOT NULL DEFAULT '{}',
    ADD COLUMN source_event_id text UNIQUE,
    ADD COLUMN new_id uuid;

-- UUIDv7 of the moment, with the old number where others have random bits.
UPDATE auth.audit_log SET
    ip = nullif(ip, ''), user_agent = nullif(user_agent, ''), request_id = nullif(request_id, ''),
    actor_id = CASE WHEN event IN ('registered', 'login', 'logout', 'logout_all', 'session_ended', 'password_changed', 'password_verified')
        THEN user_id END,
    new_id = (lpad(to_hex((extract(epoch FROM at) * 1000)::bigint), 12, '0') || '7' || lpad(to_hex(id % 4096), 3, '0')
        || '8' || substr(md5(id::text), 1, 15))::uuid;

ALTER TABLE auth.audit_log DROP COLUMN id;
ALTER TABLE auth.audit_log RENAME COLUMN new_id TO id;
ALTER TABLE auth.audit_log ALTER COLUMN id SET NOT NULL, ADD PRIMARY KEY (id);

DROP INDEX auth.audit_log_user, auth.audit_log_at;
CREATE INDEX audit_log_newest ON auth.audit_log (at DESC, id DESC);
CREATE INDEX audit_log_user ON auth.audit_log (user_id, at DESC, id DESC);
CREATE INDEX audit_log_actor ON auth.audit_log (actor_id, at DESC, id DESC);
CREATE INDEX audit_log_event ON auth.audit_log (event, at DESC, id DESC);
-- Lines about nobody whom we know are kept for a shorter time.
CREATE INDEX audit_log_anonymous ON auth.audit_log (at) WHERE user_id IS NULL;

-- +goose Down
DROP INDEX auth.audit_log_newest, auth.audit_log_user, auth.audit_log_actor, auth.audit_log_event, auth.audit_log_anonymous;
ALTER TABLE auth.audit_log DROP CONSTRAINT audit_log_pkey, DROP COLUMN id;
ALTER TABLE auth.audit_log ADD COLUMN id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    DROP COLUMN source_event_id, DROP COLUMN details, DROP COLUMN actor_id;
CREATE INDEX audit_log_user ON auth.audit_log (user_id, at);
CREATE INDEX audit_log_at ON auth.audit_log (at);
