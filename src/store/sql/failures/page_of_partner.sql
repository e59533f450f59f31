-- Lists the failure groups of one partner, the last seen first. The index is read from where the previous page ended, $5
-- rows at most. The last scanned row is returned even if it does not match: the next page starts there.
SELECT g.*, n.slug
FROM (
    SELECT w.*, row_number() OVER (ORDER BY w.last_seen_at DESC, w.id DESC) AS position,
           ($4::text IS NULL OR w.cause = $4) AS matches
    FROM (
        SELECT * FROM failure_groups
        WHERE partner = $6 AND (last_seen_at, id) < ($1::timestamptz, $2::uuid) AND last_seen_at >= $3::timestamptz
        ORDER BY last_seen_at DESC, id DESC LIMIT $5::bigint
    ) w
) g
JOIN partners n ON n.id = g.partner
WHERE g.matches OR g.position = $5::bigint
ORDER BY g.last_seen_at DESC, g.id DESC
