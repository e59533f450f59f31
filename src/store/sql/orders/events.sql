-- Lists the events of an order in the order they were emitted.
SELECT e.id, e.type, n.slug, e.sequence, e.created_at, e.data
FROM events e JOIN partners n ON n.id = e.partner
WHERE e.order_id = $1
ORDER BY e.id
