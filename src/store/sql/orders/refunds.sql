-- Lists the refunds of an order, oldest first.
SELECT body FROM refunds WHERE order_id = $1 ORDER BY created_at, refund_id
