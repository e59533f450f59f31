-- The order that a partner means, by our id, the platform's or its own; only one in which it has lines.
SELECT o.id FROM orders o
WHERE (o.id = $2::uuid OR o.platform_id = $3::text
       OR o.id = (SELECT a.order_id FROM acknowledgements a
                  WHERE a.partner = $1 AND a.theirs = $4::text ORDER BY a.at DESC LIMIT 1))
  AND EXISTS (SELECT FROM events e WHERE e.order_id = o.id AND e.partner = $1)
