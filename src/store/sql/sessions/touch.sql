-- Notes that a session is in use.
UPDATE sessions SET last_used_at = now() WHERE id = $1
