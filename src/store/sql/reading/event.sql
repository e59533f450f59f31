-- Reads one event of a partner.
SELECT id, type, created_at, sequence, data FROM events WHERE id = $1 AND partner = $2
