-- +goose Up
-- Mails leave from their rows, batch by batch. A letter leaves in its lane once it is due; until claimed_until a process has
-- it in hand, and tries counts how often one had. due_at is null for what is done, for what leaves inside another letter
-- (digest_id), and for what the release before sends with a job of its own. Booking and version are those of the
-- notification: an earlier state leaves first.
ALTER TABLE users.letters
    ADD COLUMN lane          text    NOT NULL DEFAULT 'people',
    ADD COLUMN due_at        timestamptz,
    ADD COLUMN claimed_until timestamptz,
    ADD COLUMN tries         integer NOT NULL DEFAULT 0,
    ADD COLUMN outcome       text,
    ADD COLUMN digest_id     uuid,
    ADD COLUMN booking_id    uuid,
    ADD COLUMN state_version bigint  NOT NULL DEFAULT 0;
CREATE INDEX letters_due ON users.letters (lane, due_at) WHERE due_at IS NOT NULL;
CREATE INDEX letters_inside ON users.letters (digest_id) WHERE digest_id IS NOT NULL;
CREATE INDEX letters_open ON users.letters (user_id, booking_id) WHERE booking_id IS NOT NULL AND done_at IS NULL;

-- Since when an admin's mails about bookings are counted: the first few of a window go singly, the others gather in the
-- letter digest_id, which is due at its end.
CREATE TABLE users.mail_windows (
    user_id   uuid        PRIMARY KEY REFERENCES users.users (id) ON DELETE CASCADE,
    ends_at   timestamptz NOT NULL,
    mails     integer     NOT NULL,
    digest_id uuid        NOT NULL
);

-- +goose Down
-- Every letter that has not left gets a job again; what has gathered leaves singly.
INSERT INTO users.river_job (kind, args, max_attempts, queue)
    SELECT 'send_letter', jsonb_build_object('letter_id', id), 1000,
        CASE lane WHEN 'accounts' THEN 'mail_accounts' WHEN 'people' THEN 'mail_people' ELSE 'mail_admins' END
    FROM users.letters WHERE done_at IS NULL AND kind <> 'digest' AND (due_at IS NOT NULL OR digest_id IS NOT NULL);
DELETE FROM users.letters WHERE kind = 'digest';
DROP TABLE users.mail_windows;
DROP INDEX users.letters_open;
DROP INDEX users.letters_inside;
DROP INDEX users.letters_due;
ALTER TABLE users.letters
    DROP COLUMN state_version,
    DROP COLUMN booking_id,
    DROP COLUMN digest_id,
    DROP COLUMN outcome,
    DROP COLUMN tries,
    DROP COLUMN claimed_until,
    DROP COLUMN due_at,
    DROP COLUMN lane;
