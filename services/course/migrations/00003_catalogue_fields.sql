-- More of what a Course says, and marks that the operator puts on slots.
--
-- teacher_email names the account that gives the lessons, and is never public.
-- packages is a list of {"name", "title", "lessons", "price", "currency"}; price
-- is a decimal string or null.
-- withdrawn_at is set on a held slot that its Schedule doesn't ask for any more:
-- when its booking ends, it goes instead of being offered again.
-- identity_uid is the uid that a slot's id was made from, where that is not
-- resource_uid: a Schedule that was applied again to a new cluster has another
-- uid, and keeps the slots that it had.

-- +goose Up
ALTER TABLE course.courses
    ADD COLUMN teacher_email text,
    ADD COLUMN image_url text,
    ADD COLUMN packages jsonb NOT NULL DEFAULT '[]';
ALTER TABLE course.schedules
    ADD COLUMN withdrawn_at timestamptz,
    ADD COLUMN identity_uid text;

GRANT INSERT (teacher_email, image_url, packages), UPDATE (teacher_email, image_url, packages)
    ON course.courses TO catalog_operator;
GRANT INSERT (identity_uid), UPDATE (identity_uid, withdrawn_at)
    ON course.schedules TO catalog_operator;

-- A Schedule finds its slots by its name too, in case their uid is another one's.
CREATE INDEX schedules_resource_name ON course.schedules (resource_namespace, resource_name, starts_at);

-- The operator counts the slots of the courses that have changed. Whoever writes a
-- slot, also by hand, leaves the time.
CREATE INDEX schedules_updated ON course.schedules (updated_at);
CREATE INDEX schedules_withdrawn ON course.schedules (course_id) WHERE withdrawn_at IS NOT NULL;
-- +goose StatementBegin
CREATE FUNCTION course.touch_slot() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    NEW.updated_at := now();
    RETURN NEW;
END
$$;
-- +goose StatementEnd
CREATE TRIGGER schedules_touched BEFORE UPDATE ON course.schedules
    FOR EACH ROW EXECUTE FUNCTION course.touch_slot();

-- With a pending list, a thousand bookings made the next insert of slots, which
-- reads this index, pay for all of them at once.
ALTER INDEX course.reservations_holding SET (fastupdate = off);

-- +goose Down
ALTER INDEX course.reservations_holding RESET (fastupdate);
DROP TRIGGER schedules_touched ON course.schedules;
DROP FUNCTION course.touch_slot();
DROP INDEX course.schedules_updated, course.schedules_withdrawn, course.schedules_resource_name;
ALTER TABLE course.schedules DROP COLUMN withdrawn_at, DROP COLUMN identity_uid;
ALTER TABLE course.courses DROP COLUMN teacher_email, DROP COLUMN image_url, DROP COLUMN packages;
