-- The operator announces what it changed by an event in the outbox's own table. What it may do to the table of jobs
-- stays until no operator of the version before is left.

-- +goose Up
GRANT INSERT ON course.outbox_events TO catalog_operator;

-- +goose Down
REVOKE ALL ON course.outbox_events FROM catalog_operator;
