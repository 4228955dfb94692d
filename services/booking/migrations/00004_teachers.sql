-- How often a lesson has changed its teacher, and when it last did, so that calendars follow and each change is told once.

-- +goose Up
ALTER TABLE booking.bookings
    ADD COLUMN teacher_changes bigint NOT NULL DEFAULT 0,
    ADD COLUMN teacher_changed_at timestamptz;

-- +goose Down
ALTER TABLE booking.bookings DROP COLUMN teacher_changes, DROP COLUMN teacher_changed_at;
