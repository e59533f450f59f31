-- Ends a session of a key.
DELETE FROM sessions WHERE id = $1 AND key_hash = $2
