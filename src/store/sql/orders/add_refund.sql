-- Keep a refund with the event that tells of it; its id is unique in its order.
INSERT INTO refunds (order_id, refund_id, body, event) VALUES ($1, $2, $3, $4)
