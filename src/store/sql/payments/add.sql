-- Adds an attempt to pay, or reads the one that was added before the processor was called the first time.
WITH added AS (
    INSERT INTO payments (id, checkout, attempt, processor, currency, amount, session_ends_at)
    VALUES ($1, $2, $3, $4, $5, $6, $7)
    ON CONFLICT (checkout, attempt) DO NOTHING
    RETURNING *
)
SELECT * FROM added UNION ALL SELECT * FROM payments WHERE checkout = $2 AND attempt = $3 LIMIT 1
