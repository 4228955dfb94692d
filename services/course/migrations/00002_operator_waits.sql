-- The operator waits until the catalogue's tables are there, so it may see which version they have.

-- +goose Up
GRANT SELECT ON course.goose_db_version, course.river_migration TO catalog_operator;

-- +goose Down
REVOKE SELECT ON course.goose_db_version, course.river_migration FROM catalog_operator;
