-- Counts the dead deliveries of one failure group that a filter matches. Reads the index of groups: the endpoint may have
-- many more.
SELECT p.id AS endpoint, n.slug, count(*) AS matched, min(d.died_at) AS oldest, max(d.died_at) AS newest
FROM endpoints p
JOIN partners n ON n.id = p.partner
JOIN dead_deliveries d ON d.endpoint = p.id
WHERE d.failure_group = $8 AND p.deleted_at IS NULL AND ($1::uuid IS NULL OR p.partner = $1) AND ($2::uuid IS NULL OR p.id = $2)
      AND d.died_at <= $3
      AND ($4::text IS NULL OR (SELECT type FROM events WHERE id = d.event) = $4)
      AND ($5::text IS NULL OR d.last_error = $5 OR d.reason = $5)
      AND ($6::timestamptz IS NULL OR d.died_at >= $6)
      AND ($7::timestamptz IS NULL OR d.died_at < $7)
GROUP BY p.id, n.slug
ORDER BY n.slug, p.id
