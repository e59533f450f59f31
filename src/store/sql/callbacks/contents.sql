-- What the callbacks of an order hold of its buyer.
SELECT id, content FROM callbacks WHERE order_id = $1
