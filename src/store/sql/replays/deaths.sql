-- Lists what has died at a replay's endpoints since it began, of what it has passed: newest first. Reads the latest $3
-- deaths at most.
SELECT d.id, n.slug, e.type, o.platform_id, d.reason, d.last_error, d.died_at
FROM (
    SELECT * FROM dead_deliveries WHERE died_at >= $2 ORDER BY died_at DESC LIMIT $3::bigint
) d
JOIN replay_targets t ON t.replay = $1 AND t.endpoint = d.endpoint AND (t.done OR d.event <= t.cursor)
JOIN partners n ON n.id = d.partner
JOIN events e ON e.id = d.event
LEFT JOIN orders o ON o.id = d.order_id
WHERE d.created_at <= $2 OR (SELECT source FROM replays WHERE id = $1) = 'missing'
ORDER BY d.died_at DESC
LIMIT $4::bigint
