-- Finds the payment that a processor's ids name.
SELECT * FROM payments
WHERE processor = $1 AND (session_id = $2 OR payment_id = $3
   OR id = (SELECT payment FROM payment_refunds WHERE processor_id = $4 LIMIT 1))
LIMIT 1
