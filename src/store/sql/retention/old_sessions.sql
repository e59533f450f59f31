-- Deletes a slice of the console's sessions that have ended.
DELETE FROM sessions WHERE id IN (SELECT id FROM sessions WHERE expires_at < now() LIMIT $1)
