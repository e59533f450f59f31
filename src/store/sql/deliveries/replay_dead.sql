-- A dead delivery is open again, under the same id and with the attempts made so far.
WITH back AS (DELETE FROM dead_deliveries WHERE id = $1 RETURNING *)
INSERT INTO deliveries (id, event, endpoint, partner, order_id, sequence, shard, attempts, created_at, last_error)
SELECT b.id, b.event, b.endpoint, b.partner, b.order_id, b.sequence, p.shard, b.attempts, b.created_at, b.last_error
FROM back b JOIN endpoints p ON p.id = b.endpoint
RETURNING shard
