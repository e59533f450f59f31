-- What the events of an order hold of its buyer.
SELECT id, data FROM events WHERE order_id = $1
