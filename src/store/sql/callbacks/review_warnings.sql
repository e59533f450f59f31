-- Lists the newest callback of each order whose report has a warning, among those that a page looks through.
SELECT c.id, p.slug, c.content, c.state, c.detail, c.attempts, c.due_at, c.received_at, c.partner_order_id, o.platform_id, r.report
FROM callbacks c JOIN partners p ON p.id = c.partner
JOIN order_reports r ON r.order_id = c.order_id AND r.partner = c.partner
LEFT JOIN orders o ON o.id = c.order_id
WHERE c.id < $1 AND c.id >= $2 AND c.state = ANY($3::text[]) AND ($4::uuid IS NULL OR c.partner = $4)
  AND r.report LIKE '%"warnings":[{%'
  AND NOT EXISTS (SELECT FROM callbacks n WHERE n.order_id = c.order_id AND n.partner = c.partner AND n.id > c.id)
ORDER BY c.id DESC LIMIT $5
