-- Reopens an accepted delivery under the same id, because an operator asked for it.
WITH reopened AS (DELETE FROM delivered WHERE id = $1 RETURNING *)
INSERT INTO deliveries (id, event, endpoint, partner, order_id, sequence, shard, attempts, created_at)
SELECT r.id, r.event, r.endpoint, r.partner, r.order_id, r.sequence, p.shard, r.attempts, r.created_at
FROM reopened r JOIN endpoints p ON p.id = r.endpoint
RETURNING shard
