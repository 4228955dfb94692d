-- How many tickets a person has is asked with each new one, among those of all.

-- +goose Up
CREATE INDEX tickets_of_one_person ON chat.tickets (user_id);

-- +goose Down
DROP INDEX chat.tickets_of_one_person;
