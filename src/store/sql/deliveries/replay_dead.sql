-- Reopens a dead delivery under the same id, keeping its count of attempts.
WITH reopened AS (DELETE FROM dead_deliveries WHERE id = $1 RETURNING *)
INSERT INTO deliveries (id, event, endpoint, partner, order_id, sequence, shard, attempts, created_at, last_error)
SELECT r.id, r.event, r.endpoint, r.partner, r.order_id, r.sequence, p.shard, r.attempts, r.created_at, r.last_error
FROM reopened r JOIN endpoints p ON p.id = r.endpoint
RETURNING shard
