-- When a withdrawal from this checkout's order was received.
SELECT received_at FROM withdrawals WHERE checkout = $1
