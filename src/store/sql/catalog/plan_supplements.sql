-- Plans what a supplement changes: the descriptions of existing items. Invalid rows change nothing.
INSERT INTO feed_plan (action, product, n, renamed)
SELECT CASE WHEN p.content_hash <> s.content_hash THEN 'describe' ELSE 'same' END, p.id, s.n,
    p.content_hash <> s.content_hash AND (
        (get_byte(p.sketch, 0) = get_byte(s.sketch, 0))::int + (get_byte(p.sketch, 1) = get_byte(s.sketch, 1))::int
        + (get_byte(p.sketch, 2) = get_byte(s.sketch, 2))::int + (get_byte(p.sketch, 3) = get_byte(s.sketch, 3))::int
        + (get_byte(p.sketch, 4) = get_byte(s.sketch, 4))::int + (get_byte(p.sketch, 5) = get_byte(s.sketch, 5))::int
        + (get_byte(p.sketch, 6) = get_byte(s.sketch, 6))::int + (get_byte(p.sketch, 7) = get_byte(s.sketch, 7))::int
    ) < 3
FROM feed_staged s JOIN products p ON p.partner = $1 AND p.item_id = s.item_id
WHERE s.kind = 0 AND p.removed_at IS NULL
