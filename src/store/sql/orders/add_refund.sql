-- Keep a refund; its id is unique in its order.
INSERT INTO refunds (order_id, refund_id, body) VALUES ($1, $2, $3)
