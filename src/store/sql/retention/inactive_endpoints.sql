-- Lists endpoints that no longer send and still have open deliveries: deleted at least a moment ago, since attempts
-- in flight may end first, or disabled with deliveries due for 30 days. Reads the head of each queue by its index
-- and never scans the hot table.
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
