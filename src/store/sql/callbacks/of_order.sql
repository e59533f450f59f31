-- Lists the callbacks about an order in order of arrival.
SELECT c.id, p.slug, c.content, c.state, c.detail, c.received_at, c.settled_at
FROM callbacks c JOIN partners p ON p.id = c.partner
WHERE c.order_id = $1
ORDER BY c.id
LIMIT $2
