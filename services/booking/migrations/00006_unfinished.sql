-- +goose Up
-- Bookings whose request, or decision, may not have done all that belongs to it: slots that must follow. Normally the
-- request itself takes its row away; the others are looked at when they are due. version is the state to which the row
-- belongs, so that whoever has finished an older one leaves it.
CREATE TABLE booking.unfinished (
    booking_id uuid        PRIMARY KEY,
    version    bigint      NOT NULL,
    due_at     timestamptz NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    failures   integer     NOT NULL DEFAULT 0
);
CREATE INDEX unfinished_due ON booking.unfinished (due_at);

-- +goose Down
DROP TABLE booking.unfinished;
