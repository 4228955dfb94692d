-- What few have is found among all who don't.

-- +goose Up
-- Lists of teachers, admins, and people who wait or are suspended: few beside the active students.
CREATE INDEX users_staff ON users.users (role, created_at DESC, id DESC) WHERE role <> 'student' AND erased_at IS NULL;
CREATE INDEX users_inactive ON users.users (status, created_at DESC, id DESC) WHERE status <> 'active' AND erased_at IS NULL;

-- The unread ones are listed, too, not counted alone.
DROP INDEX users.notifications_unread;
CREATE INDEX notifications_unread ON users.notifications (user_id, created_at DESC, id DESC) WHERE read_at IS NULL;

-- +goose Down
DROP INDEX users.notifications_unread;
CREATE INDEX notifications_unread ON users.notifications (user_id) WHERE read_at IS NULL;
DROP INDEX users.users_inactive, users.users_staff;
