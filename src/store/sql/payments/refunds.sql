-- The refunds of a payment, oldest first.
SELECT * FROM payment_refunds WHERE payment = $1 ORDER BY created_at, id
