-- A partner may have echoed the buyer in its replies. Each OFFSET 0 is a fence for the planner: event by event,
-- endpoint by endpoint and delivery by delivery through the indexes, even where no statistics speak for it yet.
UPDATE attempts SET response_body = NULL
WHERE response_body IS NOT NULL AND delivery = ANY (ARRAY(
    SELECT d.id
    FROM (SELECT id, partner FROM events WHERE order_id = $1 OFFSET 0) e
    CROSS JOIN LATERAL (SELECT id FROM endpoints WHERE partner = e.partner OFFSET 0) n
    CROSS JOIN LATERAL (
        SELECT id FROM deliveries WHERE endpoint = n.id AND event = e.id
        UNION ALL SELECT id FROM delivered WHERE endpoint = n.id AND event = e.id
        UNION ALL SELECT id FROM dead_deliveries WHERE endpoint = n.id AND event = e.id
        OFFSET 0
    ) d
))
