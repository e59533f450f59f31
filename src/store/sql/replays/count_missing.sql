-- Counts the events for which a subscribed endpoint never had a delivery. Not before $5: earlier acceptances are no
-- longer on record, and every event would look missing.
SELECT p.id AS endpoint, n.slug, count(*) AS matched, min(e.created_at) AS oldest, max(e.created_at) AS newest
FROM endpoints p
JOIN partners n ON n.id = p.partner
JOIN events e ON e.partner = p.partner
WHERE p.deleted_at IS NULL AND ($1::uuid IS NULL OR p.partner = $1) AND ($2::uuid IS NULL OR p.id = $2)
      AND e.created_at <= $3 AND ($4::text IS NULL OR e.type = $4)
      AND e.created_at >= $5::timestamptz AND ($6::timestamptz IS NULL OR e.created_at < $6)
      AND p.event_types && subscriptions_to(e.type) AND takes_test(p.test_orders, e.test)
      AND NOT EXISTS (SELECT FROM deliveries d WHERE d.endpoint = p.id AND d.event = e.id)
      AND NOT EXISTS (SELECT FROM delivered d WHERE d.endpoint = p.id AND d.event = e.id)
      AND NOT EXISTS (SELECT FROM dead_deliveries d WHERE d.endpoint = p.id AND d.event = e.id)
GROUP BY p.id, n.slug
ORDER BY n.slug, p.id
