-- Counts the superseded ones among the events that a subscribed endpoint never had a delivery for: a replay leaves them
-- out by default. Examines $7 events at most, because each is looked up in its order.
SELECT count(*) AS examined,
       count(*) FILTER (WHERE is_superseded(m.endpoint, m.partner, m.order_id, m.sequence)) AS superseded
FROM (
    SELECT p.id AS endpoint, e.partner, e.order_id, e.sequence
    FROM endpoints p
    JOIN events e ON e.partner = p.partner
    WHERE p.deleted_at IS NULL AND ($1::uuid IS NULL OR p.partner = $1) AND ($2::uuid IS NULL OR p.id = $2)
          AND e.created_at <= $3 AND ($4::text IS NULL OR e.type = $4)
          AND e.created_at >= $5::timestamptz AND ($6::timestamptz IS NULL OR e.created_at < $6)
          AND p.event_types && subscriptions_to(e.type) AND takes_test(p.test_orders, e.test)
          AND NOT EXISTS (SELECT FROM deliveries d WHERE d.endpoint = p.id AND d.event = e.id)
          AND NOT EXISTS (SELECT FROM delivered d WHERE d.endpoint = p.id AND d.event = e.id)
          AND NOT EXISTS (SELECT FROM dead_deliveries d WHERE d.endpoint = p.id AND d.event = e.id)
    LIMIT $7::bigint
) m
