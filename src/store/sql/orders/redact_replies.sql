-- A partner may have echoed the buyer in its replies.
UPDATE attempts SET response_body = NULL
WHERE response_body IS NOT NULL AND delivery IN (
    SELECT d.id FROM events e JOIN endpoints n ON n.partner = e.partner
    CROSS JOIN LATERAL (
        SELECT id FROM deliveries WHERE endpoint = n.id AND event = e.id
        UNION ALL SELECT id FROM delivered WHERE endpoint = n.id AND event = e.id
        UNION ALL SELECT id FROM dead_deliveries WHERE endpoint = n.id AND event = e.id
    ) d
    WHERE e.order_id = $1
)
