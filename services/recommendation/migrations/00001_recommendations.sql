-- What was recommended to whom, with everything that it takes to show it again.

-- +goose Up
CREATE TABLE recommendation.recommendations (
    id         uuid PRIMARY KEY,
    user_id    uuid NOT NULL,
    -- request: the student asked for it. registration: made by itself, once.
    origin     text NOT NULL CHECK (origin IN ('request', 'registration')),
    -- Best first: the course as it was, hundredths of points, and codes of reasons.
    items      jsonb NOT NULL CHECK (jsonb_typeof(items) = 'array' AND jsonb_array_length(items) <= 5),
    created_at timestamptz NOT NULL DEFAULT clock_timestamp()
);
CREATE INDEX recommendations_by_user ON recommendation.recommendations (user_id, created_at DESC, id DESC);
-- However often a registration is told of, it leads to one recommendation.
CREATE UNIQUE INDEX recommendations_one_on_registration ON recommendation.recommendations (user_id)
    WHERE origin = 'registration';

-- +goose Down
DROP TABLE recommendation.recommendations;
