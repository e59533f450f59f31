-- Reads the attempts of these deliveries.
SELECT delivery, at, duration_ms, status_code, error, response_body, response_truncated
FROM attempts WHERE delivery = ANY ($1::uuid[])
ORDER BY delivery, number, at
