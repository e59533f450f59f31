-- Stores a refund with its event. Its id is unique within the order.
INSERT INTO refunds (order_id, refund_id, body, event) VALUES ($1, $2, $3, $4)
