-- Finds an order by our id or the platform's.
SELECT id, platform_id, body, test, status, cancelled_at, cancel_reason, redacted_at, created_at FROM orders
WHERE id = $1::uuid OR ($1::uuid IS NULL AND platform_id = $2::text)
