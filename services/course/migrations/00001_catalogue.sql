-- +goose Up
CREATE TABLE course.courses (
    id uuid PRIMARY KEY,
    name text NOT NULL UNIQUE,
    title text NOT NULL,
    description text NOT NULL DEFAULT '',
    instrument text NOT NULL,
    level text NOT NULL,
    price_category text NOT NULL,
    price numeric(14, 2),
    currency text,
    teacher text,
    available_days text[] NOT NULL DEFAULT '{}',
    published boolean NOT NULL DEFAULT true,
    archived_at timestamptz,
    resource_namespace text NOT NULL,
    resource_uid text NOT NULL,
    resource_generation bigint NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX courses_resource ON course.courses (resource_uid);

-- One row per slot.
CREATE TABLE course.schedules (
    id uuid PRIMARY KEY,
    course_id uuid NOT NULL REFERENCES course.courses (id) ON DELETE CASCADE,
    starts_at timestamptz NOT NULL,
    ends_at timestamptz NOT NULL CHECK (ends_at > starts_at),
    time_zone text NOT NULL,
    status text NOT NULL DEFAULT 'available' CHECK (status IN ('available', 'reserved', 'booked')),
    booking_id uuid,
    resource_namespace text NOT NULL,
    resource_name text NOT NULL,
    resource_uid text NOT NULL,
    resource_generation bigint NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    CHECK ((status = 'available') = (booking_id IS NULL))
);
CREATE INDEX schedules_course ON course.schedules (course_id, starts_at, id);
CREATE INDEX schedules_available ON course.schedules (starts_at, id) WHERE status = 'available';
CREATE INDEX schedules_resource ON course.schedules (resource_uid, starts_at);
CREATE INDEX schedules_booking ON course.schedules (booking_id) WHERE booking_id IS NOT NULL;

-- The state machine that makes late and doubled calls harmless.
CREATE TABLE course.reservations (
    booking_id uuid PRIMARY KEY,
    course_id uuid,
    slot_ids uuid[] NOT NULL DEFAULT '{}',
    confirmed_slot_id uuid,
    state text NOT NULL CHECK (state IN ('reserved', 'confirmed', 'released')),
    updated_at timestamptz NOT NULL DEFAULT now()
);

-- One row, whose version grows with every change of the catalogue or of a slot, whoever makes it: the service, the
-- operator, or a hand. Caches key their entries by it.
CREATE TABLE course.catalog_version (
    id boolean PRIMARY KEY DEFAULT true CHECK (id),
    version bigint NOT NULL
);
INSERT INTO course.catalog_version (version) VALUES (1);

-- +goose StatementBegin
CREATE FUNCTION course.bump_catalog_version() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = course, pg_temp AS $$
BEGIN
    UPDATE course.catalog_version SET version = version + 1;
    RETURN NULL;
END
$$;
-- +goose StatementEnd
CREATE TRIGGER bump_catalog_version AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON course.courses
    FOR EACH STATEMENT EXECUTE FUNCTION course.bump_catalog_version();
CREATE TRIGGER bump_catalog_version AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON course.schedules
    FOR EACH STATEMENT EXECUTE FUNCTION course.bump_catalog_version();

-- The operator keeps the catalogue columns; who holds a slot is none of its business.
GRANT USAGE ON SCHEMA course TO catalog_operator;
GRANT SELECT, DELETE ON course.courses, course.schedules TO catalog_operator;
GRANT SELECT ON course.catalog_version TO catalog_operator;
GRANT INSERT (id, name, title, description, instrument, level, price_category, price, currency, teacher,
        available_days, published, archived_at, resource_namespace, resource_uid, resource_generation),
    UPDATE (name, title, description, instrument, level, price_category, price, currency, teacher,
        available_days, published, archived_at, resource_namespace, resource_uid, resource_generation, updated_at)
    ON course.courses TO catalog_operator;
GRANT INSERT (id, course_id, starts_at, ends_at, time_zone,
        resource_namespace, resource_name, resource_uid, resource_generation),
    UPDATE (course_id, starts_at, ends_at, time_zone,
        resource_namespace, resource_name, resource_uid, resource_generation, updated_at)
    ON course.schedules TO catalog_operator;
-- It announces what it changed in the same transaction, by adding a job to the outbox.
GRANT SELECT, INSERT, UPDATE ON course.river_job TO catalog_operator;
GRANT USAGE ON SEQUENCE course.river_job_id_seq TO catalog_operator;

-- +goose Down
DROP TABLE course.catalog_version, course.reservations, course.schedules, course.courses;
DROP FUNCTION course.bump_catalog_version();
REVOKE ALL ON course.river_job FROM catalog_operator;
REVOKE ALL ON SEQUENCE course.river_job_id_seq FROM catalog_operator;
REVOKE ALL ON SCHEMA course FROM catalog_operator;
