-- An open delivery is due now and its schedule begins again. An attempt in flight is left alone: its owner
-- knows the id, and its record decides the next time.
UPDATE deliveries SET due_at = least(due_at, now()), attempts_in_cycle = 0 WHERE id = $1
RETURNING shard
