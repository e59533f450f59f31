-- Reads one delivery from whichever table holds it; $2 limits it to one partner.
SELECT d.status, d.id, d.event, d.endpoint, d.partner, d.order_id, d.sequence, d.attempts, d.created_at,
       d.due_at, d.delivered_at, d.died_at, d.reason, d.last_error, d.failure_group,
       e.type, n.slug, o.platform_id
FROM all_deliveries d
JOIN events e ON e.id = d.event
JOIN partners n ON n.id = d.partner
LEFT JOIN orders o ON o.id = d.order_id
WHERE d.id = $1 AND ($2::uuid IS NULL OR d.partner = $2)
