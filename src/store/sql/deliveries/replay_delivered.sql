-- An accepted delivery is sent once more, because an operator asks for it: same id, same row.
WITH back AS (DELETE FROM delivered WHERE id = $1 RETURNING *)
INSERT INTO deliveries (id, event, endpoint, partner, order_id, sequence, shard, attempts, created_at)
SELECT b.id, b.event, b.endpoint, b.partner, b.order_id, b.sequence, p.shard, b.attempts, b.created_at
FROM back b JOIN endpoints p ON p.id = b.endpoint
RETURNING shard
