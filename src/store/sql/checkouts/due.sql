-- The checkouts that time alone changes now. Nobody waits for them, so a locked one is left to whoever has it.
SELECT id FROM checkouts WHERE wakes_at <= now() ORDER BY wakes_at LIMIT $1 FOR NO KEY UPDATE SKIP LOCKED
