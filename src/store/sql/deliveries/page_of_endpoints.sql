-- Lists the deliveries of some endpoints, newest event first. Each endpoint's own index is read from its end, $7
-- rows at most. The last scanned row is returned too: the next page starts there.
SELECT d.status, d.id, d.event, d.endpoint, d.partner, d.order_id, d.sequence, d.attempts, d.created_at,
       d.due_at, d.delivered_at, d.died_at, d.reason, d.last_error, d.failure_group,
       e.type, n.slug, o.platform_id,
       d.matches, d.position
FROM (
    SELECT w.*, row_number() OVER (ORDER BY w.event DESC, w.id DESC) AS position,
           (($1::text IS NULL OR w.status = $1)
            AND ($4::text IS NULL OR (SELECT type FROM events WHERE id = w.event) = $4)
            AND ($5::timestamptz IS NULL OR w.created_at >= $5)
            AND ($6::timestamptz IS NULL OR w.created_at < $6)
            AND ($10::text IS NULL OR w.last_error = $10 OR w.reason = $10)) AS matches
    FROM (
        SELECT found.* FROM endpoints p
        CROSS JOIN LATERAL (
            SELECT * FROM all_deliveries a
            WHERE a.endpoint = p.id AND a.event <= $2::uuid AND (a.event, a.id) < ($2::uuid, $3::uuid)
              AND ($1::text IS NULL OR a.status = $1)
            ORDER BY a.event DESC
            LIMIT $7::bigint
        ) found
        WHERE ($8::uuid IS NULL OR p.partner = $8) AND ($9::uuid IS NULL OR p.id = $9)
        ORDER BY found.event DESC, found.id DESC
        LIMIT $7::bigint
    ) w
) d
JOIN events e ON e.id = d.event
JOIN partners n ON n.id = d.partner
LEFT JOIN orders o ON o.id = d.order_id
WHERE d.matches OR d.position = $7::bigint
ORDER BY d.event DESC, d.id DESC
