-- Finds the position of an event among its partner's events.
SELECT created_at FROM events WHERE id = $1 AND partner = $2
