-- +goose Up
-- An administrator searches people by any part of a name or an address. The index holds trigrams of both as they are
-- compared: folded by Unicode's rules, whatever the locale of the database.
CREATE INDEX users_search ON users.users
    USING gin (lower(full_name COLLATE "und-x-icu") extensions.gin_trgm_ops, lower(email COLLATE "und-x-icu") extensions.gin_trgm_ops)
    WITH (fastupdate = off) WHERE erased_at IS NULL;

-- How many students there are, in parts, so that people who register at once don't wait for each other. The trigger keeps
-- it in the transaction of the change.
CREATE TABLE users.student_counts (
    part  smallint PRIMARY KEY,
    count bigint   NOT NULL
);
INSERT INTO users.student_counts SELECT part, 0 FROM generate_series(0, 15) AS part;
UPDATE users.student_counts SET count = (SELECT count(*) FROM users.users WHERE role = 'student' AND erased_at IS NULL)
    WHERE part = 0;

-- +goose StatementBegin
CREATE FUNCTION users.count_student() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    change int := 0;
BEGIN
    IF TG_OP <> 'INSERT' AND OLD.role = 'student' AND OLD.erased_at IS NULL THEN
        change := change - 1;
    END IF;
    IF TG_OP <> 'DELETE' AND NEW.role = 'student' AND NEW.erased_at IS NULL THEN
        change := change + 1;
    END IF;
    IF change <> 0 THEN
        UPDATE users.student_counts SET count = count + change WHERE part = pg_backend_pid() % 16;
    END IF;
    RETURN NULL;
END
$$;
-- +goose StatementEnd
CREATE TRIGGER count_student AFTER INSERT OR DELETE OR UPDATE OF role, erased_at ON users.users
    FOR EACH ROW EXECUTE FUNCTION users.count_student();

-- Those who have left before the streams of events were searched for them.
INSERT INTO users.erasures (user_id, app_id)
    SELECT id, 'user-service' FROM users.users WHERE erased_at IS NOT NULL ON CONFLICT DO NOTHING;

-- +goose Down
DELETE FROM users.erasures WHERE app_id = 'user-service';
DROP TRIGGER count_student ON users.users;
DROP FUNCTION users.count_student();
DROP TABLE users.student_counts;
DROP INDEX users.users_search;
