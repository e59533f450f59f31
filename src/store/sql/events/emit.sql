-- Writes events and one delivery per subscribed endpoint, in the transaction that made the fact true.
WITH new_events AS (
    INSERT INTO events (id, order_id, partner, sequence, type, data, test)
    SELECT e.id, e.order_id, e.partner, e.sequence, e.type, e.data, e.test
    FROM unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::int[], $5::text[], $6::text[], $7::boolean[])
        AS e (id, order_id, partner, sequence, type, data, test)
    RETURNING id, order_id, partner, sequence, type, test
)
-- Due by the clock, not by the start of the transaction: the picker looks back ten seconds for late commits, and a
-- feed's transaction may take longer.
INSERT INTO deliveries (id, event, endpoint, partner, order_id, sequence, shard, due_at)
SELECT new_uuid_v7(), e.id, p.id, e.partner, e.order_id, e.sequence, p.shard, clock_timestamp()
FROM new_events e
JOIN endpoints p ON p.partner = e.partner
    AND p.deleted_at IS NULL
    AND p.event_types && subscriptions_to(e.type)
    AND takes_test(p.test_orders, e.test)
RETURNING id, event, endpoint, shard, due_at
