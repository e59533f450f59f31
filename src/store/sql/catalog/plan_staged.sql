-- What becomes of each record that was read. New products get the run's prefix of a UUIDv7 and their number in it:
-- made one by one they cost as much as all of the rest, and in this order they are written next to each other.
INSERT INTO feed_plan (action, product, n, repriced, gained, lost)
SELECT CASE
        WHEN s.kind = 3 THEN 'remove'
        WHEN s.kind <> 0 THEN 'block'
        WHEN p.id IS NULL THEN 'insert'
        WHEN p.content_hash <> s.content_hash OR p.blocked OR p.missing_runs > 0 OR p.gone_at IS NOT NULL THEN 'update'
        WHEN $2 AND p.raw_hash IS DISTINCT FROM s.raw_hash THEN 'touch'
        ELSE 'same'
    END,
    coalesce(p.id, ($3 || lpad(to_hex(s.n), 12, '0'))::uuid), s.n,
    coalesce(s.kind = 0 AND p.missing_runs = 0 AND p.gone_at IS NULL
        AND (s.currency <> p.currency OR abs(s.price - p.price) > p.price / 2), false),
    s.kind <> 3 AND (p.id IS NULL OR p.missing_runs > 0 OR p.gone_at IS NOT NULL),
    s.kind = 3 AND p.missing_runs = 0
FROM feed_staged s LEFT JOIN products p ON p.partner = $1 AND p.item_id = s.item_id
WHERE s.kind = 0 OR s.item_id IS NOT NULL AND p.gone_at IS NULL AND p.id IS NOT NULL
