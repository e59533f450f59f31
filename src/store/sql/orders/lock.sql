-- Locks an order by either id, so that its event sequence has no gaps.
SELECT id, body, cancelled_at, cancel_reason FROM orders
WHERE id = $1::uuid OR ($1::uuid IS NULL AND platform_id = $2::text)
FOR UPDATE
