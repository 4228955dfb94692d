-- Bookings of before snapshots, which ask for what they are about: few, and fewer with time.

-- +goose Up
CREATE INDEX bookings_incomplete ON booking.bookings (id) WHERE status <> 'holding' AND coalesce(course_name, '') = '';

-- +goose Down
DROP INDEX booking.bookings_incomplete;
