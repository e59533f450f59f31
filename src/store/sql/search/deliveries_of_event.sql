-- Lists the deliveries of an event by the endpoints of its partner, each by the index of endpoint and event.
SELECT d.id FROM events e
JOIN endpoints p ON p.partner = e.partner
CROSS JOIN LATERAL (
    SELECT id FROM deliveries WHERE endpoint = p.id AND event = e.id
    UNION ALL SELECT id FROM delivered WHERE endpoint = p.id AND event = e.id
    UNION ALL SELECT id FROM dead_deliveries WHERE endpoint = p.id AND event = e.id
) d
WHERE e.id = $1
ORDER BY d.id
LIMIT 50
