-- Deletes a slice of old checkouts with their payments, once nothing of them is left to do.
DELETE FROM checkouts WHERE id IN (
    SELECT id FROM checkouts WHERE id < $1 AND wakes_at IS NULL ORDER BY id LIMIT $2 FOR UPDATE SKIP LOCKED)
