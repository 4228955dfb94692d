-- +goose Up
-- What the course service said the booking is about when it held the slots: title and times, for those who tell people
-- of it. Null for a booking that holds nothing yet, and for those made before this column.
ALTER TABLE booking.bookings ADD COLUMN lesson jsonb;

-- +goose Down
ALTER TABLE booking.bookings DROP COLUMN lesson;
