-- Finds the event of a refund.
SELECT event FROM refunds WHERE order_id = $1 AND refund_id = $2
