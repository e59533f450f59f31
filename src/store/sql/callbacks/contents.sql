-- Reads what the callbacks of an order say, so that the buyer can be removed from it.
SELECT id, content FROM callbacks WHERE order_id = $1
