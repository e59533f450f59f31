-- Sessions of the console: somebody signed in with an API key.

CREATE TABLE sessions (
    id           uuid        PRIMARY KEY DEFAULT new_uuid_v7(),
    token_hash   bytea       NOT NULL UNIQUE CHECK (length(token_hash) = 32),
    -- The key that it was opened with, which may be one of the environment: the session ends with it.
    key_hash     bytea       NOT NULL CHECK (length(key_hash) = 32),
    user_agent   text        NOT NULL,
    created_at   timestamptz NOT NULL DEFAULT now(),
    last_used_at timestamptz NOT NULL DEFAULT now(), -- written at most once a minute
    expires_at   timestamptz NOT NULL
);
CREATE INDEX sessions_of_key ON sessions (key_hash, id);
CREATE INDEX sessions_expired ON sessions (expires_at);
