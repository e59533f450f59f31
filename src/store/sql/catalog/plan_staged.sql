-- Plans the action for each staged record. A new product's id is the run's UUIDv7 prefix and the record number:
-- generating ids one by one costs as much as everything else, and in this order they are written next to each other.
-- The flags feed the gate. A sketch's first eight bytes are the title's minima, the rest is the link's host.
INSERT INTO feed_plan (action, product, n, repriced, gained, lost, jumped, stopped, moved, renamed)
SELECT CASE
        WHEN s.kind = 3 THEN 'remove'
        WHEN s.kind <> 0 THEN 'block'
        WHEN p.id IS NULL THEN 'insert'
        WHEN p.content_hash <> s.content_hash OR p.blocked OR p.missing_runs > 0 OR p.removed_at IS NOT NULL THEN 'update'
        WHEN $2 AND p.raw_hash IS DISTINCT FROM s.raw_hash THEN 'touch'
        ELSE 'same'
    END,
    coalesce(p.id, ($3 || lpad(to_hex(s.n), 12, '0'))::uuid), s.n,
    coalesce(s.kind = 0 AND p.missing_runs = 0 AND p.removed_at IS NULL
        AND (s.currency <> p.currency OR abs(s.price - p.price) > p.price / 2), false),
    s.kind <> 3 AND (p.id IS NULL OR p.missing_runs > 0 OR p.removed_at IS NOT NULL),
    s.kind = 3 AND p.missing_runs = 0,
    coalesce(s.kind = 0 AND p.missing_runs = 0 AND p.removed_at IS NULL AND s.price > 0 AND p.price > 0
        AND s.currency = p.currency AND (s.price > 5 * p.price OR p.price > 5 * s.price), false),
    coalesce(p.missing_runs = 0 AND p.removed_at IS NULL AND (s.kind <> 0 OR NOT s.buyable)
        AND p.availability NOT IN ('out_of_stock', 'discontinued'), false),
    coalesce(s.kind = 0 AND p.content_hash <> s.content_hash AND substr(p.sketch, 9) <> substr(s.sketch, 9), false),
    coalesce(s.kind = 0 AND p.content_hash <> s.content_hash AND (
        (get_byte(p.sketch, 0) = get_byte(s.sketch, 0))::int + (get_byte(p.sketch, 1) = get_byte(s.sketch, 1))::int
        + (get_byte(p.sketch, 2) = get_byte(s.sketch, 2))::int + (get_byte(p.sketch, 3) = get_byte(s.sketch, 3))::int
        + (get_byte(p.sketch, 4) = get_byte(s.sketch, 4))::int + (get_byte(p.sketch, 5) = get_byte(s.sketch, 5))::int
        + (get_byte(p.sketch, 6) = get_byte(s.sketch, 6))::int + (get_byte(p.sketch, 7) = get_byte(s.sketch, 7))::int
    ) < 3, false)
FROM feed_staged s LEFT JOIN products p ON p.partner = $1 AND p.item_id = s.item_id
WHERE s.kind = 0 OR s.item_id IS NOT NULL AND p.removed_at IS NULL AND p.id IS NOT NULL
