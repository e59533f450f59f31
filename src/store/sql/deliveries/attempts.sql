-- What happened to these deliveries, attempt by attempt.
SELECT delivery, at, duration_ms, status_code, error, response_body, response_truncated
FROM attempts WHERE delivery = ANY ($1::uuid[])
ORDER BY delivery, number, at
