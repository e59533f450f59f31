-- Counts the dead deliveries a filter matches, per existing endpoint. Each endpoint's are counted by themselves, on its
-- index: joining first carries the names along with every row.
SELECT p.id AS endpoint, n.slug, m.matched, m.oldest, m.newest
FROM endpoints p
JOIN partners n ON n.id = p.partner
CROSS JOIN LATERAL (
    SELECT count(*) AS matched, min(d.died_at) AS oldest, max(d.died_at) AS newest
    FROM dead_deliveries d
    WHERE d.endpoint = p.id AND d.died_at <= $3
          AND ($4::text IS NULL OR (SELECT type FROM events WHERE id = d.event) = $4)
          AND ($5::text IS NULL OR d.last_error = $5 OR d.reason = $5)
          AND ($6::timestamptz IS NULL OR d.died_at >= $6)
          AND ($7::timestamptz IS NULL OR d.died_at < $7)
) m
WHERE p.deleted_at IS NULL AND ($1::uuid IS NULL OR p.partner = $1) AND ($2::uuid IS NULL OR p.id = $2) AND m.matched > 0
ORDER BY n.slug, p.id
