-- $3 dead deliveries, each of an order of its own.
WITH made AS (
    SELECT new_uuid_v7() AS event, new_uuid_v7() AS order_id, new_uuid_v7() AS delivery
    FROM generate_series(1, $3::bigint)
), orders AS (
    INSERT INTO orders (id, platform_id, content_hash, body, test)
    SELECT order_id, 'B-' || order_id, sha256(order_id::text::bytea), '{}', false FROM made
), events AS (
    INSERT INTO events (id, order_id, partner, sequence, type, data)
    SELECT event, order_id, $1::uuid, 1, 'order.confirmed', '{}' FROM made
)
INSERT INTO dead_deliveries (id, event, endpoint, partner, order_id, sequence, attempts, created_at, reason, last_error)
SELECT delivery, event, $2::uuid, $1::uuid, order_id, 1, 4, now(), 'exhausted', 'http_500' FROM made
