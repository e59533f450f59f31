-- Reads the answer given when these orders were accepted: their first events and deliveries.
SELECT o.platform_id, o.id, o.content_hash, o.body, e.id AS event, p.slug,
       array_remove(array_agg(d.id ORDER BY d.id), NULL) AS deliveries
FROM orders o
JOIN events e ON e.order_id = o.id AND e.type = 'order.confirmed'
JOIN partners p ON p.id = e.partner
LEFT JOIN LATERAL (
    SELECT found.id FROM endpoints n
    CROSS JOIN LATERAL (
        SELECT id FROM deliveries WHERE endpoint = n.id AND event = e.id
        UNION SELECT id FROM delivered WHERE endpoint = n.id AND event = e.id
        UNION SELECT id FROM dead_deliveries WHERE endpoint = n.id AND event = e.id
    ) found
    WHERE n.partner = e.partner
) d ON true
WHERE o.platform_id = ANY ($1::text[])
GROUP BY o.platform_id, o.id, o.content_hash, o.body, e.id, p.slug
ORDER BY e.id
