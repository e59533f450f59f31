-- Reads a partner's report state of an order. The order's row is locked.
SELECT state, report FROM order_reports WHERE order_id = $1 AND partner = $2
