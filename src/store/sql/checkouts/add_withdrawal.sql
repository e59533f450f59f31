-- Stores a withdrawal, or reads when the first one came.
WITH added AS (
    INSERT INTO withdrawals (checkout, statement, received_at) VALUES ($1, $2, $3)
    ON CONFLICT (checkout) DO NOTHING
    RETURNING received_at
)
SELECT received_at FROM added UNION ALL SELECT received_at FROM withdrawals WHERE checkout = $1 LIMIT 1
