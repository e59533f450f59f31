-- Lists open redaction notices, oldest first.
SELECT r.event, r.order_id, o.platform_id, p.slug, p.adapter, r.reason, r.created_at
FROM redaction_notices r
JOIN partners p ON p.id = r.partner
LEFT JOIN orders o ON o.id = r.order_id
WHERE r.closed_at IS NULL AND ($1::uuid IS NULL OR r.event > $1)
ORDER BY r.event LIMIT $2
