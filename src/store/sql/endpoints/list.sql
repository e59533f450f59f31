-- The endpoints of one partner, oldest first; their number is bounded.
SELECT p.id, p.partner AS partner_id, n.slug, p.url, p.url_saved_by, p.event_types, p.headers, p.header_names, p.retry,
       p.max_in_flight, p.rate_per_second, p.status, p.status_reason, p.circuit, p.failing_since, p.created_at
FROM endpoints p JOIN partners n ON n.id = p.partner
WHERE n.slug = $1 AND p.deleted_at IS NULL
ORDER BY p.id
