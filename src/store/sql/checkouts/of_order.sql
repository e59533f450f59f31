-- Finds the checkout of an agent that became an order.
SELECT id FROM checkouts WHERE order_id = $1 AND agent = $2
