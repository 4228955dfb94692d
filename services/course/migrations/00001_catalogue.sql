-- The catalogue (written by the operator), and who holds which slot (written by
-- this service). Both write the same rows, each its own columns.

-- +goose Up
CREATE TABLE course.courses (
    id                  uuid PRIMARY KEY,
    name                text NOT NULL UNIQUE,
    title               text NOT NULL,
    description         text NOT NULL DEFAULT '',
    instrument          text NOT NULL,
    level               text NOT NULL,
    price_category      text NOT NULL,
    price               numeric(14, 2),
    currency            text,
    teacher             text,
    available_days      text[] NOT NULL DEFAULT '{}',
    published           boolean NOT NULL DEFAULT true,
    archived_at         timestamptz,
    resource_namespace  text NOT NULL,
    resource_uid        text NOT NULL,
    resource_generation bigint NOT NULL,
    created_at          timestamptz NOT NULL DEFAULT now(),
    updated_at          timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX courses_published ON course.courses (title, id) WHERE published AND archived_at IS NULL;
CREATE INDEX courses_resource ON course.courses (resource_uid);

-- One row per slot.
CREATE TABLE course.schedules (
    id                  uuid PRIMARY KEY,
    course_id           uuid NOT NULL REFERENCES course.courses (id) ON DELETE CASCADE,
    starts_at           timestamptz NOT NULL,
    ends_at             timestamptz NOT NULL CHECK (ends_at > starts_at),
    time_zone           text NOT NULL,
    status              text NOT NULL DEFAULT 'available' CHECK (status IN ('available', 'reserved', 'booked')),
    booking_id          uuid,
    resource_namespace  text NOT NULL,
    resource_name       text NOT NULL,
    resource_uid        text NOT NULL,
    resource_generation bigint NOT NULL,
    created_at          timestamptz NOT NULL DEFAULT now(),
    updated_at          timestamptz NOT NULL DEFAULT now(),
    CHECK ((status = 'available') = (booking_id IS NULL))
);
CREATE INDEX schedules_available ON course.schedules (starts_at, id) WHERE status = 'available';
CREATE INDEX schedules_by_time ON course.schedules (starts_at, id);
CREATE INDEX schedules_by_course ON course.schedules (course_id, starts_at, id);
CREATE INDEX schedules_by_booking ON course.schedules (booking_id) WHERE booking_id IS NOT NULL;
CREATE INDEX schedules_resource ON course.schedules (resource_uid, starts_at);

-- What has become of each booking's slots. A row outlives the hold, so that a
-- call or an event that comes late finds out that it does.
CREATE TABLE course.reservations (
    booking_id        uuid PRIMARY KEY,
    course_id         uuid,
    slot_ids          uuid[] NOT NULL DEFAULT '{}',
    confirmed_slot_id uuid,
    state             text NOT NULL CHECK (state IN ('reserved', 'confirmed', 'released')),
    updated_at        timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX reservations_holding ON course.reservations USING gin (slot_ids) WHERE state <> 'released';

-- A held slot that was deleted by hand comes back from the operator, which may
-- not say who holds it; the reservation does.
-- +goose StatementBegin
CREATE FUNCTION course.hold_restored_slot() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    holder record;
BEGIN
    SELECT r.booking_id, CASE r.state WHEN 'confirmed' THEN 'booked' ELSE r.state END AS status INTO holder
    FROM course.reservations r
    WHERE r.state <> 'released' AND r.slot_ids @> ARRAY[NEW.id]
      AND (r.state = 'reserved' OR r.confirmed_slot_id = NEW.id)
    FOR SHARE;
    IF FOUND THEN
        NEW.booking_id := holder.booking_id;
        NEW.status := holder.status;
    END IF;
    RETURN NEW;
END
$$;
-- +goose StatementEnd
CREATE TRIGGER schedules_restored BEFORE INSERT ON course.schedules
    FOR EACH ROW EXECUTE FUNCTION course.hold_restored_slot();

-- Whoever reads this row and the catalogue in one snapshot knows which catalogue
-- it has read. version grows with every transaction that changes courses or
-- slots, courses_version with those that change courses.
CREATE TABLE course.catalog_version (
    id              boolean PRIMARY KEY DEFAULT true CHECK (id),
    version         bigint NOT NULL,
    courses_version bigint NOT NULL
);
INSERT INTO course.catalog_version (version, courses_version) VALUES (1, 1);

-- Runs with the owner's rights, because the operator may not write the version.
-- +goose StatementBegin
CREATE FUNCTION course.bump_catalog_version() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF TG_TABLE_NAME = 'courses' THEN
        UPDATE course.catalog_version SET version = version + 1, courses_version = courses_version + 1;
    ELSE
        -- Once per transaction is enough, and a schedule has hundreds of slots.
        UPDATE course.catalog_version SET version = version + 1
        WHERE xmin <> pg_current_xact_id()::xid;
    END IF;
    RETURN NULL;
END
$$;
-- +goose StatementEnd

-- Deferred: the version's row is locked at commit, after every other lock, so
-- that a transaction which holds it never waits for a slot. At once, the operator
-- (course, version, slot) and a reservation (slot, version) would deadlock.
CREATE CONSTRAINT TRIGGER courses_version AFTER INSERT OR UPDATE OR DELETE ON course.courses
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION course.bump_catalog_version();
CREATE CONSTRAINT TRIGGER schedules_version AFTER INSERT OR UPDATE OR DELETE ON course.schedules
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION course.bump_catalog_version();
CREATE TRIGGER courses_truncated AFTER TRUNCATE ON course.courses
    FOR EACH STATEMENT EXECUTE FUNCTION course.bump_catalog_version();
CREATE TRIGGER schedules_truncated AFTER TRUNCATE ON course.schedules
    FOR EACH STATEMENT EXECUTE FUNCTION course.bump_catalog_version();

-- The operator keeps the catalogue's columns, never who holds a slot.
GRANT USAGE ON SCHEMA course TO catalog_operator;
GRANT SELECT, DELETE ON course.courses, course.schedules TO catalog_operator;
GRANT SELECT ON course.catalog_version TO catalog_operator;
GRANT INSERT (id, name, title, description, instrument, level, price_category, price, currency, teacher,
              available_days, published, archived_at, resource_namespace, resource_uid, resource_generation,
              created_at, updated_at),
      UPDATE (name, title, description, instrument, level, price_category, price, currency, teacher,
              available_days, published, archived_at, resource_namespace, resource_uid, resource_generation,
              updated_at)
    ON course.courses TO catalog_operator;
GRANT INSERT (id, course_id, starts_at, ends_at, time_zone, resource_namespace, resource_name, resource_uid,
              resource_generation, created_at, updated_at),
      UPDATE (course_id, starts_at, ends_at, time_zone, resource_namespace, resource_name, resource_uid,
              resource_generation, updated_at)
    ON course.schedules TO catalog_operator;
-- It announces what it changed in the same transaction, by adding a job to the
-- outbox. River's insert names the column kind in its ON CONFLICT.
GRANT SELECT, INSERT, UPDATE (kind) ON course.river_job TO catalog_operator;
GRANT USAGE ON SEQUENCE course.river_job_id_seq TO catalog_operator;

-- +goose Down
DROP TABLE course.catalog_version, course.reservations, course.schedules, course.courses;
DROP FUNCTION course.bump_catalog_version(), course.hold_restored_slot();
REVOKE ALL ON course.river_job FROM catalog_operator;
REVOKE ALL ON SEQUENCE course.river_job_id_seq FROM catalog_operator;
REVOKE ALL ON SCHEMA course FROM catalog_operator;
