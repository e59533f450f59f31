-- Removes reply bodies and headers, since a partner may have echoed the buyer. Each OFFSET 0 is an optimization fence: the
-- indexes are used event by event, endpoint by endpoint and delivery by delivery, even before statistics exist.
UPDATE attempts SET response_body = NULL, response_headers = NULL
WHERE (response_body IS NOT NULL OR response_headers IS NOT NULL) AND delivery = ANY (ARRAY(
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
