-- Everything that a partner has said about an order; its row is the order's, which is locked.
SELECT state, report FROM order_reports WHERE order_id = $1 AND partner = $2
