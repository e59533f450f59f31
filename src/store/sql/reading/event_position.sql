-- Where an event stands in its partner's sequence of events.
SELECT created_at FROM events WHERE id = $1 AND partner = $2
