-- Creates deliveries for a slice of the events that one endpoint never had one for, oldest first, and returns how
-- far it scanned. Only its own partner's events are scanned.
WITH passed AS MATERIALIZED (
    SELECT e.* FROM endpoints p
    CROSS JOIN LATERAL (
        SELECT id, partner, order_id, sequence, type, test, created_at FROM events e
        WHERE e.partner = p.partner AND (e.created_at, e.id) > ($5::timestamptz, $7::uuid)
          AND e.created_at <= $3 AND ($6::timestamptz IS NULL OR e.created_at < $6)
        ORDER BY e.created_at, e.id
        LIMIT $10::bigint
    ) e
    WHERE p.id = $2
), slice AS MATERIALIZED (
    SELECT e.*, p.shard, NOT $8 AND is_superseded($2, e.partner, e.order_id, e.sequence) AS superseded
    FROM passed e JOIN endpoints p ON p.id = $2 AND p.deleted_at IS NULL
    WHERE ($4::text IS NULL OR e.type = $4)
      AND p.event_types && subscriptions_to(e.type) AND takes_test(p.test_orders, e.test)
      AND NOT EXISTS (SELECT FROM deliveries d WHERE d.endpoint = p.id AND d.event = e.id)
      AND NOT EXISTS (SELECT FROM delivered d WHERE d.endpoint = p.id AND d.event = e.id)
      AND NOT EXISTS (SELECT FROM dead_deliveries d WHERE d.endpoint = p.id AND d.event = e.id)
    ORDER BY e.created_at, e.id
    LIMIT $9::bigint
), opened AS (
    INSERT INTO deliveries (id, event, endpoint, partner, order_id, sequence, shard, replay)
    SELECT new_uuid_v7(), id, $2, partner, order_id, sequence, shard, $1::uuid FROM slice WHERE NOT superseded
    ON CONFLICT (endpoint, event) DO NOTHING
    RETURNING shard
), last AS (
    SELECT created_at, id FROM passed
    WHERE (SELECT count(*) FROM slice) < $9::bigint OR id IN (SELECT id FROM slice)
    ORDER BY created_at DESC, id DESC LIMIT 1
)
SELECT (SELECT count(*) FROM passed) AS passed,
       (SELECT count(*) FROM slice) AS matched,
       (SELECT count(*) FROM opened) AS enqueued,
       (SELECT shard FROM opened LIMIT 1) AS shard,
       (SELECT created_at FROM last) AS cursor_at,
       (SELECT id FROM last) AS cursor
