-- Makes an open delivery due now and restarts its schedule. An attempt in flight is not affected: its owner knows
-- the id, and its record sets the next time.
UPDATE deliveries SET due_at = least(due_at, now()), attempts_in_cycle = 0 WHERE id = $1
RETURNING shard
