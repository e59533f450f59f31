-- Endpoints that send nothing any more and still have deliveries to bury: deleted a moment ago or earlier
-- (attempts in flight may end first), or disabled with some that wait since 30 days. The first of an
-- endpoint's queue is asked for in the index's order: the hot table is never scanned.
SELECT p.id, CASE WHEN p.deleted_at IS NULL THEN 'expired' ELSE 'endpoint_deleted' END AS reason
FROM endpoints p
CROSS JOIN LATERAL (
    SELECT (SELECT d.due_at FROM deliveries d WHERE d.endpoint = p.id ORDER BY d.due_at LIMIT 1) AS due_at
) first
WHERE (p.deleted_at IS NOT NULL OR p.status = 'disabled') AND CASE
    WHEN p.deleted_at IS NOT NULL
    THEN p.deleted_at < now() - interval '5 seconds' AND first.due_at IS NOT NULL
    WHEN p.status = 'disabled'
    THEN first.due_at < now() - interval '30 days'
END
