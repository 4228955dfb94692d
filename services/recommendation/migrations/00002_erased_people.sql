-- +goose Up
-- Who has left: what is on its way must not bring anything of them back.
CREATE TABLE recommendation.erased_people (
    user_id uuid        PRIMARY KEY,
    at      timestamptz NOT NULL DEFAULT now()
);

-- +goose Down
DROP TABLE recommendation.erased_people;
