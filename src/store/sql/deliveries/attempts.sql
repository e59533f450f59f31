-- Reads the attempts of these deliveries.
SELECT delivery, at, duration_ms, dns_ms, connect_ms, tls_ms, first_byte_ms, body_hash, status_code, error,
       response_headers, response_body, response_truncated
FROM attempts WHERE delivery = ANY ($1::uuid[])
ORDER BY delivery, number, at
