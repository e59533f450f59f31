-- Lists the run's products whose image is refused and does not change.
SELECT p.item_id, i.url, i.reason, coalesce(s.line, 0) AS line
FROM image_uses u
JOIN images i ON i.hash = u.image
JOIN products p ON p.id = u.product AND p.image_refused
LEFT JOIN feed_plan plan ON plan.product = u.product
LEFT JOIN feed_staged s ON s.n = plan.n
LEFT JOIN feed_contents c ON c.n = plan.n
WHERE u.partner = $1 AND u.refused AND p.removed_at IS NULL
    AND (plan.action IS NOT NULL OR $2) AND plan.action IS DISTINCT FROM 'miss' AND plan.action IS DISTINCT FROM 'remove'
    AND (plan.action IS DISTINCT FROM 'update' OR c.item::json #>> '{images,0,url}' = i.url)
ORDER BY line, p.item_id LIMIT 5000
