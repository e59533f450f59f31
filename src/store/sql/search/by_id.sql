-- Finds what has an id of the kind $1; $3 limits it to one partner's. Each branch reads one row by its primary key.
SELECT 'ord' AS kind, id, NULL::text AS slug, platform_id AS name, id AS order_id FROM orders
WHERE $1::text = 'ord' AND id = $2::uuid AND $3::uuid IS NULL
UNION ALL
SELECT 'evt', e.id, p.slug, e.type, e.order_id FROM events e JOIN partners p ON p.id = e.partner
WHERE $1 = 'evt' AND e.id = $2 AND ($3 IS NULL OR e.partner = $3)
UNION ALL
SELECT 'ep', e.id, p.slug, NULL, NULL FROM endpoints e JOIN partners p ON p.id = e.partner
WHERE $1 = 'ep' AND e.id = $2 AND ($3 IS NULL OR e.partner = $3)
UNION ALL
SELECT 'rpl', id, NULL, reason, NULL FROM replays
WHERE $1 = 'rpl' AND id = $2 AND ($3 IS NULL OR owner = $3)
UNION ALL
SELECT 'pst', o.id, p.slug, o.slug, NULL FROM posts o JOIN partners p ON p.id = o.partner
WHERE $1 = 'pst' AND o.id = $2 AND ($3 IS NULL OR o.partner = $3)
UNION ALL
SELECT 'prd', o.id, p.slug, o.item_id, NULL FROM products o JOIN partners p ON p.id = o.partner
WHERE $1 = 'prd' AND o.id = $2 AND ($3 IS NULL OR o.partner = $3)
UNION ALL
SELECT 'run', r.id, p.slug, r.status, NULL FROM feed_runs r JOIN partners p ON p.id = r.partner
WHERE $1 = 'run' AND r.id = $2 AND ($3 IS NULL OR r.partner = $3)
UNION ALL
SELECT 'chk', id, NULL, state, order_id FROM checkouts WHERE $1 = 'chk' AND id = $2 AND $3 IS NULL
UNION ALL
SELECT 'pay', id, NULL, status, NULL FROM payments WHERE $1 = 'pay' AND id = $2 AND $3 IS NULL
UNION ALL
SELECT 'cbk', c.id, p.slug, c.state, c.order_id FROM callbacks c JOIN partners p ON p.id = c.partner
WHERE $1 = 'cbk' AND c.id = $2 AND ($3 IS NULL OR c.partner = $3)
