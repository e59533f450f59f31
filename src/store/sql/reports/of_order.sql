-- Lists what partners have reported about an order.
SELECT r.partner, p.slug, r.state, r.report, r.updated_at
FROM order_reports r JOIN partners p ON p.id = r.partner
WHERE r.order_id = $1
ORDER BY p.slug
