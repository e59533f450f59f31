-- Finds the order a partner refers to by our id, the platform's or its own. The partner must have lines in it.
SELECT o.id FROM orders o
WHERE o.id = coalesce(
        $2::uuid,
        (SELECT id FROM orders WHERE platform_id = $3::text),
        (SELECT a.order_id FROM acknowledgements a
         WHERE a.partner = $1 AND a.partner_order_id = $4::text ORDER BY a.at DESC LIMIT 1))
  AND EXISTS (SELECT FROM events e WHERE e.order_id = o.id AND e.partner = $1)
