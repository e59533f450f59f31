-- Finds the checkout that became an order, by either id of the order.
SELECT id FROM checkouts WHERE order_id = $1
UNION ALL
SELECT c.id FROM orders o JOIN checkouts c ON c.order_id = o.id WHERE o.platform_id = $2
LIMIT 1
