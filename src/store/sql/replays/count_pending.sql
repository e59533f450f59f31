-- Counts the deliveries a filter matches that wait for a time, per existing endpoint.
SELECT p.id AS endpoint, n.slug, count(*) AS matched, min(d.created_at) AS oldest, max(d.created_at) AS newest
FROM endpoints p
JOIN partners n ON n.id = p.partner
JOIN deliveries d ON d.endpoint = p.id
WHERE p.deleted_at IS NULL AND ($1::uuid IS NULL OR p.partner = $1) AND ($2::uuid IS NULL OR p.id = $2)
      AND d.due_at > $3 AND d.created_at <= $3
      AND ($4::text IS NULL OR (SELECT type FROM events WHERE id = d.event) = $4)
      AND ($5::text IS NULL OR d.last_error = $5)
      AND ($6::timestamptz IS NULL OR d.created_at >= $6)
      AND ($7::timestamptz IS NULL OR d.created_at < $7)
      AND ($8::uuid IS NULL OR d.failure_group = $8)
GROUP BY p.id, n.slug
ORDER BY n.slug, p.id
