-- Bookings with their deadline, and the answers that repeated requests get again.

-- +goose Up
CREATE TABLE booking.bookings (
    id                    uuid PRIMARY KEY,
    user_id               uuid NOT NULL,
    course_id             uuid NOT NULL,
    first_choice_slot_id  uuid NOT NULL,
    second_choice_slot_id uuid NOT NULL CHECK (second_choice_slot_id <> first_choice_slot_id),
    -- holding: the slots are being reserved; nobody outside sees it. The rest is the contract's.
    status                text NOT NULL CHECK (status IN ('holding', 'pending', 'confirmed', 'rejected', 'cancelled')),
    status_reason         text CHECK (status_reason IN ('expired', 'admin', 'student')),
    -- Set on a holding booking that must not become pending any more: its slots
    -- are released, then the row goes.
    abandoned_at          timestamptz CHECK (abandoned_at IS NULL OR status = 'holding'),
    note                  text,
    created_at            timestamptz NOT NULL DEFAULT now(),
    -- created_at + 72 h when the service writes it. Not a constraint, so that an operator can move a deadline.
    expires_at            timestamptz NOT NULL DEFAULT now() + interval '72 hours',
    confirmed_slot_id     uuid CHECK (confirmed_slot_id IN (first_choice_slot_id, second_choice_slot_id)),
    confirmed_at          timestamptz,
    decision_note         text,
    updated_at            timestamptz NOT NULL DEFAULT now(),
    CHECK ((confirmed_slot_id IS NULL) = (confirmed_at IS NULL)),
    CHECK (status <> 'confirmed' OR confirmed_slot_id IS NOT NULL)
);
-- One open booking for each student and course; it settles races between requests.
CREATE UNIQUE INDEX bookings_one_open ON booking.bookings (user_id, course_id) WHERE status IN ('holding', 'pending');
CREATE INDEX bookings_by_user ON booking.bookings (user_id, created_at DESC, id DESC) WHERE status <> 'holding';
CREATE INDEX bookings_by_time ON booking.bookings (created_at DESC, id DESC) WHERE status <> 'holding';
CREATE INDEX bookings_pending ON booking.bookings (created_at, id) WHERE status = 'pending';
CREATE INDEX bookings_deadline ON booking.bookings (expires_at) WHERE status = 'pending';
CREATE INDEX bookings_holding ON booking.bookings (created_at) WHERE status = 'holding';

-- What a request with an Idempotency-Key was answered. The answer is written in
-- the transaction that makes it true; until then it is null.
CREATE TABLE booking.idempotency_keys (
    user_id     uuid NOT NULL,
    key         bytea NOT NULL,
    fingerprint bytea NOT NULL,
    booking_id  uuid NOT NULL,
    answer      jsonb,
    created_at  timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (user_id, key)
);
CREATE INDEX idempotency_keys_open ON booking.idempotency_keys (booking_id) WHERE answer IS NULL;
CREATE INDEX idempotency_keys_by_time ON booking.idempotency_keys (created_at);

-- +goose Down
DROP TABLE booking.idempotency_keys;
DROP TABLE booking.bookings;
