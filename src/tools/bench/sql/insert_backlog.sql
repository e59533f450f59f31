-- A backlog for one endpoint: copies of the oldest order, each with its own ids, as if its partner
-- had been away for a long time.
WITH example AS MATERIALIZED (
    SELECT o.body, o.test, e.type, e.data FROM events e JOIN orders o ON o.id = e.order_id
    ORDER BY e.id LIMIT 1
), target AS MATERIALIZED (
    SELECT id, partner, shard FROM endpoints WHERE id = $1
), ids AS MATERIALIZED (
    SELECT new_uuid_v7() AS order_id, new_uuid_v7() AS event, new_uuid_v7() AS delivery
    FROM generate_series(1, $2::bigint)
), new_orders AS (
    INSERT INTO orders (id, platform_id, content_hash, body, test)
    SELECT i.order_id, 'pile-' || i.order_id, sha256(uuid_send(i.order_id)), x.body, x.test
    FROM ids i, example x
), new_events AS (
    INSERT INTO events (id, order_id, partner, sequence, type, data, test)
    SELECT i.event, i.order_id, t.partner, 1, x.type, x.data, x.test
    FROM ids i, example x, target t
)
INSERT INTO deliveries (id, event, endpoint, partner, order_id, sequence, shard)
SELECT i.delivery, i.event, t.id, t.partner, i.order_id, 1, t.shard FROM ids i, target t
