-- Reads the partners' own ids for an order.
SELECT p.slug, a.partner_order_id, a.number, a.permalink, a.delivery, a.at
FROM acknowledgements a JOIN partners p ON p.id = a.partner
WHERE a.order_id = $1
ORDER BY p.slug
