-- Lists all deliveries, newest first. Ids are ordered by time, so each table is read from the end of its own index,
-- $7 rows at most; a row that does not match costs no further read. The last scanned row is returned even if it does
-- not match: the next page starts there.
SELECT d.status, d.id, d.event, d.endpoint, d.partner, d.order_id, d.sequence, d.attempts, d.created_at,
       d.due_at, d.delivered_at, d.died_at, d.reason, d.last_error, d.failure_group,
       e.type, n.slug, o.platform_id,
       d.matches, d.position
FROM (
    SELECT w.*, row_number() OVER (ORDER BY w.id DESC) AS position,
           (($1::text IS NULL OR w.status = $1)
            AND ($4::text IS NULL OR (SELECT type FROM events WHERE id = w.event) = $4)
            AND ($5::timestamptz IS NULL OR w.created_at >= $5)
            AND ($6::timestamptz IS NULL OR w.created_at < $6)
            AND ($8::text IS NULL OR w.last_error = $8 OR w.reason = $8)) AS matches
    FROM (
        SELECT * FROM all_deliveries
        WHERE id < $3::uuid AND id >= $2::uuid AND ($1::text IS NULL OR status = $1)
        ORDER BY id DESC
        LIMIT $7::bigint
    ) w
) d
JOIN events e ON e.id = d.event
JOIN partners n ON n.id = d.partner
LEFT JOIN orders o ON o.id = d.order_id
WHERE d.matches OR d.position = $7::bigint
ORDER BY d.id DESC
