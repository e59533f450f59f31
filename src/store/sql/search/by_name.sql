-- Finds what is called $1: the platform's id of an order, a partner's id of one, a partner, a post. $2 limits it to one
-- partner's. Each branch reads an index once, that of the partners' own ids once for each of at most 1,000 partners.
SELECT 'ord' AS kind, o.id, NULL::text AS slug, o.platform_id AS name, o.id AS order_id FROM orders o
WHERE o.platform_id = $1::text
  AND ($2::uuid IS NULL OR EXISTS (SELECT FROM events e WHERE e.order_id = o.id AND e.partner = $2))
UNION ALL
(SELECT 'ack', a.order_id, p.slug, o.platform_id, a.order_id
 FROM (SELECT id, slug FROM partners WHERE $2 IS NULL OR id = $2 ORDER BY id LIMIT 1000) p
 JOIN acknowledgements a ON a.partner = p.id AND a.partner_order_id = $1
 JOIN orders o ON o.id = a.order_id
 LIMIT 50)
UNION ALL
SELECT 'ptn', id, slug, slug, NULL FROM partners WHERE slug = $1 AND ($2 IS NULL OR id = $2)
UNION ALL
SELECT 'pst', o.id, p.slug, o.slug, NULL FROM posts o JOIN partners p ON p.id = o.partner
WHERE o.slug = $1 AND ($2 IS NULL OR o.partner = $2)
