-- Lists callbacks in these states, newest first, among those that a page looks through.
SELECT c.id, p.slug, c.content, c.state, c.detail, c.attempts, c.due_at, c.received_at, c.partner_order_id, o.platform_id,
       NULL::text AS report
FROM callbacks c JOIN partners p ON p.id = c.partner LEFT JOIN orders o ON o.id = c.order_id
WHERE c.id < $1 AND c.id >= $2 AND c.state = ANY($3::text[]) AND ($4::uuid IS NULL OR c.partner = $4)
ORDER BY c.id DESC LIMIT $5
