-- The withdrawal from this checkout's order.
SELECT statement, received_at FROM withdrawals WHERE checkout = $1
