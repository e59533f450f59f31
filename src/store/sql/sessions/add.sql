-- Opens a session.
INSERT INTO sessions (token_hash, key_hash, user_agent, expires_at)
VALUES ($1, $2, $3, now() + make_interval(secs => $4))
