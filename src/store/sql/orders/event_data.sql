-- Reads the data of an order's events, so that the buyer can be removed from it.
SELECT id, data FROM events WHERE order_id = $1
