-- Replaces an event's data with one that omits the buyer; every later attempt renders from it.
UPDATE events SET data = $2 WHERE id = $1
