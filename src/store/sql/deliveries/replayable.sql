-- Reads what the replay of one delivery must know: its table, whether the caller may see it, and whether its
-- endpoint has accepted a later event of the order.
SELECT d.status, d.endpoint, p.deleted_at IS NOT NULL AS endpoint_deleted,
       is_superseded(d.endpoint, d.partner, d.order_id, d.sequence) AS superseded
FROM all_deliveries d JOIN endpoints p ON p.id = d.endpoint
WHERE d.id = $1 AND ($2::uuid IS NULL OR d.partner = $2)
