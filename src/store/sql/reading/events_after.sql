-- Lists a partner's own events after a cursor, whatever the status of their deliveries.
SELECT e.id, e.type, e.created_at, e.order_id, o.platform_id, e.sequence, e.data
FROM (
    SELECT * FROM events
    WHERE partner = $1 AND (created_at, id) > ($2::timestamptz, $3::uuid) AND created_at < $4::timestamptz
    ORDER BY created_at, id
    LIMIT $5::bigint
) e
LEFT JOIN orders o ON o.id = e.order_id
ORDER BY e.created_at, e.id
