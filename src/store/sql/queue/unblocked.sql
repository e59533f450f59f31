-- The next open event of orders whose earlier one has just ended at this endpoint, and whether it is due:
-- what follows it must wait for it either way.
SELECT DISTINCT ON (d.endpoint, d.order_id)
       d.id, d.event, d.endpoint, d.order_id, d.sequence, d.shard, d.attempts, d.tries, d.due_at,
       d.opened_at, d.replay, e.type, e.data, e.created_at AS occurred_at, d.due_at <= now() AS is_due
FROM unnest($1::uuid[], $2::uuid[]) AS freed (endpoint, order_id)
JOIN events e ON e.order_id = freed.order_id
JOIN deliveries d ON d.endpoint = freed.endpoint AND d.event = e.id
ORDER BY d.endpoint, d.order_id, d.sequence
