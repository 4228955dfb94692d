-- +goose Up
-- email is the address as given, email_key what it is compared by (package user/email). access_epoch grows with every
-- change that ends the sessions which began before it.
CREATE TABLE users.users (
    id                     uuid        PRIMARY KEY,
    email                  text        NOT NULL,
    email_key              text        NOT NULL CONSTRAINT users_email_taken UNIQUE,
    password_hash          text        NOT NULL,
    full_name              text        NOT NULL,
    phone                  text,
    role                   text        NOT NULL CHECK (role IN ('student', 'teacher', 'admin')),
    status                 text        NOT NULL CHECK (status IN ('pending', 'active', 'suspended')),
    experience_level       text        CHECK (experience_level IN ('beginner', 'intermediate', 'advanced')),
    learning_goal          text        CHECK (learning_goal IN ('hobby', 'professional', 'exam_preparation')),
    preferred_instruments  text[]      NOT NULL DEFAULT '{}',
    budget_range           text        CHECK (budget_range IN ('low', 'medium', 'high')),
    available_days         text[]      NOT NULL DEFAULT '{}',
    access_epoch           bigint      NOT NULL DEFAULT 1,
    last_login_at          timestamptz,
    created_at             timestamptz NOT NULL DEFAULT now(),
    updated_at             timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX users_newest ON users.users (created_at DESC, id DESC);
CREATE INDEX users_admins ON users.users (id) WHERE role = 'admin';

-- +goose Down
DROP TABLE users.users;
