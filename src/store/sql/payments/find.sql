-- Reads one payment.
SELECT * FROM payments WHERE id = $1
