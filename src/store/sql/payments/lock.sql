-- Locks one payment.
SELECT * FROM payments WHERE id = $1 FOR NO KEY UPDATE
