-- Deletes groups without deliveries whose last attempt is no longer on record.
DELETE FROM failure_groups WHERE id IN (
    SELECT id FROM failure_groups
    WHERE last_seen_at < now() - interval '33 days' AND waiting <= 0 AND dead <= 0
    ORDER BY last_seen_at LIMIT $1 FOR UPDATE SKIP LOCKED)
