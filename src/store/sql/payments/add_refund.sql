-- Adds a refund, or reads the one with this key.
WITH added AS (
    INSERT INTO payment_refunds (id, payment, key, number, amount, reason, due_at)
    VALUES ($1, $2, $3, $4, $5, $6, $7)
    ON CONFLICT (key) DO NOTHING
    RETURNING *
)
SELECT * FROM added UNION ALL SELECT * FROM payment_refunds WHERE key = $3 LIMIT 1
