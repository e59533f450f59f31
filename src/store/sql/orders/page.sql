-- Lists orders, newest first. Ids are ordered by time, so the primary key is read from its end, $8 rows at most. The
-- last scanned row is returned even if it does not match: the next page starts there.
SELECT o.id, o.platform_id, o.status, o.test, o.created_at, o.cancelled_at, o.redacted_at,
       o.body::json ->> 'currency' AS currency, (o.body::json ->> 'total')::bigint AS total,
       ARRAY(SELECT n.slug FROM events e JOIN partners n ON n.id = e.partner
             WHERE e.order_id = o.id AND e.type = 'order.confirmed' ORDER BY n.slug) AS partners,
       o.matches, o.position
FROM (
    SELECT w.*, row_number() OVER (ORDER BY w.id DESC) AS position,
           (($3::text IS NULL OR w.status = $3)
            AND ($4::boolean IS NULL OR w.test = $4)
            AND ($5::uuid IS NULL OR EXISTS (
                SELECT FROM events e
                WHERE e.order_id = w.id AND e.partner = $5 AND e.type = 'order.confirmed'))
            AND ($6::timestamptz IS NULL OR w.created_at >= $6)
            AND ($7::timestamptz IS NULL OR w.created_at < $7)) AS matches
    FROM (
        SELECT * FROM orders
        WHERE id < $2::uuid AND id >= $1::uuid
        ORDER BY id DESC
        LIMIT $8::bigint
    ) w
) o
WHERE o.matches OR o.position = $8::bigint
ORDER BY o.id DESC
