-- Lists the deliveries of an order, oldest event first. Goes through each partner's endpoints, because the hot table
-- has no index on orders.
SELECT d.status, d.id, d.event, d.endpoint, d.partner, d.order_id, d.sequence, d.attempts, d.created_at,
       d.due_at, d.delivered_at, d.died_at, d.reason, d.last_error, d.failure_group,
       e.type, n.slug, o.platform_id
FROM events e
JOIN endpoints p ON p.partner = e.partner
CROSS JOIN LATERAL (SELECT * FROM all_deliveries found WHERE found.endpoint = p.id AND found.event = e.id) d
JOIN partners n ON n.id = d.partner
LEFT JOIN orders o ON o.id = d.order_id
WHERE e.order_id = $1 AND ($2::uuid IS NULL OR e.partner = $2)
ORDER BY e.id, d.id
