-- Accepts a batch of orders: each new order, its first event per partner and one delivery per subscribed endpoint
-- commit together, in one statement. An existing order id is skipped with everything that would follow from it.
-- Returns one row per new order and delivery.
WITH new_orders AS (
    INSERT INTO orders (id, platform_id, content_hash, body, test)
    SELECT o.id, o.platform_id, o.content_hash, o.body, o.test
    FROM unnest($1::uuid[], $2::text[], $3::bytea[], $4::text[], $5::boolean[]) WITH ORDINALITY
        AS o (id, platform_id, content_hash, body, test, position)
    -- Sorted, so that two nodes never lock the same ids in opposite orders. Of duplicates in one batch, the first wins.
    ORDER BY o.platform_id, o.position
    ON CONFLICT (platform_id) DO NOTHING
    RETURNING id, test
), new_events AS (
    INSERT INTO events (id, order_id, partner, sequence, type, data, test)
    SELECT e.id, e.order_id, e.partner, 1, 'order.confirmed', e.data, o.test
    FROM unnest($6::uuid[], $7::uuid[], $8::uuid[], $9::text[]) AS e (id, order_id, partner, data)
    JOIN new_orders o ON o.id = e.order_id
    RETURNING id, order_id, partner, test
), new_deliveries AS (
    INSERT INTO deliveries (id, event, endpoint, partner, order_id, sequence, shard)
    SELECT new_uuid_v7(), e.id, p.id, e.partner, e.order_id, 1, p.shard
    FROM new_events e
    JOIN endpoints p ON p.partner = e.partner
        AND p.deleted_at IS NULL
        AND p.event_types && ARRAY['*', 'order.*', 'order.confirmed']
        AND takes_test(p.test_orders, e.test)
    RETURNING id, event, endpoint, order_id, shard
)
SELECT o.id AS order_id, d.id AS delivery, d.event, d.endpoint, d.shard, now() AS at
FROM new_orders o
LEFT JOIN new_deliveries d ON d.order_id = o.id
