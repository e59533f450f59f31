-- One event of a partner, to be looked at.
SELECT id, type, created_at, sequence, data FROM events WHERE id = $1 AND partner = $2
