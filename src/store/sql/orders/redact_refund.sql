-- Keeps a refund's amounts and removes its free text.
UPDATE refunds SET body = $3 WHERE order_id = $1 AND refund_id = $2
