-- +goose Up
-- What each teacher knows of a confirmed lesson: told says whether they believe that it is theirs. change is how often the
-- lesson had changed its teacher when that came about, so that what comes late doesn't speak of a former state.
CREATE TABLE users.lesson_teachers (
    booking_id uuid        NOT NULL,
    teacher_id uuid        NOT NULL,
    told       boolean     NOT NULL DEFAULT false,
    change     bigint      NOT NULL DEFAULT -1,
    updated_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (booking_id, teacher_id)
);
CREATE INDEX lesson_teachers_old ON users.lesson_teachers (updated_at);

INSERT INTO users.lesson_teachers (booking_id, teacher_id, told, change, updated_at)
SELECT DISTINCT ON (booking_id, user_id) booking_id, user_id, type = 'lesson_confirmed', 0, created_at
FROM users.notifications
WHERE booking_id IS NOT NULL AND type IN ('lesson_confirmed', 'lesson_revoked')
ORDER BY booking_id, user_id, created_at DESC, id DESC;

-- +goose Down
DROP TABLE users.lesson_teachers;
