-- A refund keeps its figures and loses what people wrote.
UPDATE refunds SET body = $3 WHERE order_id = $1 AND refund_id = $2
