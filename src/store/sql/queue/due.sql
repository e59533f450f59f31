-- Reads due deliveries of endpoints that have room, each from its own position in its queue: a dead endpoint's
-- million rows are never scanned, and nothing is written.
SELECT d.id, d.event, d.endpoint, d.order_id, d.sequence, d.shard, d.attempts, d.attempts_in_cycle, d.due_at,
       d.opened_at, d.replay, e.type, e.data, e.created_at AS occurred_at,
       -- Order per order: derived at each read, never stored.
       d.sequence > 1 AND EXISTS (
           SELECT 1 FROM events earlier
           JOIN deliveries open ON open.endpoint = d.endpoint AND open.event = earlier.id
           WHERE earlier.order_id = d.order_id AND earlier.partner = d.partner
             AND earlier.sequence < d.sequence
       ) AS blocked
FROM unnest($1::uuid[], $2::timestamptz[], $3::uuid[], $4::bigint[]) AS request (endpoint, due_at, id, room)
CROSS JOIN LATERAL (
    SELECT * FROM deliveries q
    WHERE q.endpoint = request.endpoint
      AND (q.due_at, q.id) > (request.due_at, request.id)
      AND q.due_at <= now()
    ORDER BY q.due_at, q.id
    LIMIT request.room
) d
JOIN events e ON e.id = d.event
ORDER BY d.due_at, d.id
