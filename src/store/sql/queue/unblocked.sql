-- Reads the next open event of orders whose earlier event just ended at this endpoint, and whether it is due: later
-- events wait for it either way. Each OFFSET 0 is an optimization fence: the two indexes are used order by order,
-- even before statistics exist.
SELECT d.id, d.event, d.endpoint, d.order_id, d.sequence, d.shard, d.attempts, d.attempts_in_cycle, d.due_at,
       d.opened_at, d.replay, d.type, d.data, d.occurred_at, d.due_at <= now() AS is_due
FROM (SELECT DISTINCT * FROM unnest($1::uuid[], $2::uuid[]) AS pair (endpoint, order_id)) unblocked
CROSS JOIN LATERAL (
    SELECT open.*, e.type, e.data, e.created_at AS occurred_at
    FROM (SELECT * FROM events WHERE order_id = unblocked.order_id OFFSET 0) e
    CROSS JOIN LATERAL (SELECT * FROM deliveries WHERE endpoint = unblocked.endpoint AND event = e.id OFFSET 0) open
    ORDER BY open.sequence
    LIMIT 1
) d
