-- Finds the checkout that became an order; $2 limits it to one agent's.
SELECT id FROM checkouts WHERE order_id = $1 AND ($2::uuid IS NULL OR agent = $2)
