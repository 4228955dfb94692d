-- What the pages of the catalogue ask, and what a booking remembers.

-- +goose Up
-- Another value after every transaction that changes the catalogue, and never the
-- same again. A counter that a restored backup turns back comes to the same number
-- twice, for two different catalogues.
ALTER TABLE course.catalog_version ADD COLUMN state uuid NOT NULL DEFAULT gen_random_uuid();
-- +goose StatementBegin
CREATE OR REPLACE FUNCTION course.bump_catalog_version() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF TG_TABLE_NAME = 'courses' THEN
        UPDATE course.catalog_version
        SET version = version + 1, courses_version = courses_version + 1, state = gen_random_uuid();
    ELSE
        -- Once per transaction is enough, and a schedule has hundreds of slots.
        UPDATE course.catalog_version SET version = version + 1, state = gen_random_uuid()
        WHERE xmin <> pg_current_xact_id()::xid;
    END IF;
    RETURN NULL;
END
$$;
-- +goose StatementEnd

-- The package that a booking asked for, as it was when the slots were held.
ALTER TABLE course.reservations ADD COLUMN package jsonb;

-- Titles in the order that people expect: apple before Zebra, é beside e.
DROP INDEX course.courses_published;
CREATE INDEX courses_published ON course.courses (title COLLATE "und-x-icu", id) WHERE published AND archived_at IS NULL;

-- Held slots are few among all; and the report of a quarter reads the index alone.
CREATE INDEX schedules_reserved ON course.schedules (starts_at, id) WHERE status = 'reserved';
CREATE INDEX schedules_booked ON course.schedules (starts_at, id) WHERE status = 'booked';
DROP INDEX course.schedules_by_time;
CREATE INDEX schedules_by_time ON course.schedules (starts_at, id) INCLUDE (status, course_id);

CREATE INDEX reservations_released ON course.reservations (updated_at) WHERE state = 'released';

-- +goose Down
DROP INDEX course.reservations_released, course.schedules_reserved, course.schedules_booked, course.schedules_by_time;
CREATE INDEX schedules_by_time ON course.schedules (starts_at, id);
DROP INDEX course.courses_published;
CREATE INDEX courses_published ON course.courses (title, id) WHERE published AND archived_at IS NULL;
ALTER TABLE course.reservations DROP COLUMN package;
-- +goose StatementBegin
CREATE OR REPLACE FUNCTION course.bump_catalog_version() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF TG_TABLE_NAME = 'courses' THEN
        UPDATE course.catalog_version SET version = version + 1, courses_version = courses_version + 1;
    ELSE
        UPDATE course.catalog_version SET version = version + 1
        WHERE xmin <> pg_current_xact_id()::xid;
    END IF;
    RETURN NULL;
END
$$;
-- +goose StatementEnd
ALTER TABLE course.catalog_version DROP COLUMN state;
