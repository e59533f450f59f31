-- Counts the deliveries of some endpoints that match among $6 of them, one endpoint after the other and each from its
-- newest event, for a list that says how many match.
SELECT count(*) AS scanned, count(*) FILTER (
    WHERE ($2::text IS NULL OR (SELECT type FROM events WHERE id = w.event) = $2)
      AND ($3::timestamptz IS NULL OR w.created_at >= $3)
      AND ($4::timestamptz IS NULL OR w.created_at < $4)
      AND ($5::text IS NULL OR w.last_error = $5 OR w.reason = $5)) AS matched
FROM (
    SELECT found.* FROM endpoints p
    CROSS JOIN LATERAL (
        SELECT event, created_at, last_error, reason FROM all_deliveries a
        WHERE a.endpoint = p.id AND ($1::text IS NULL OR a.status = $1)
        ORDER BY a.event DESC
        LIMIT $6::bigint
    ) found
    WHERE ($7::uuid IS NULL OR p.partner = $7) AND ($8::uuid IS NULL OR p.id = $8)
    LIMIT $6::bigint
) w
