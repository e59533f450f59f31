-- Endpoints that send nothing any more and still have deliveries to bury: deleted a moment ago or earlier
-- (attempts in flight may end first), or disabled with some that wait since 30 days.
SELECT p.id, CASE WHEN p.deleted_at IS NULL THEN 'expired' ELSE 'endpoint_deleted' END AS reason
FROM endpoints p
WHERE CASE
    WHEN p.deleted_at IS NOT NULL
    THEN p.deleted_at < now() - interval '5 seconds' AND EXISTS (SELECT FROM deliveries d WHERE d.endpoint = p.id)
    WHEN p.status = 'disabled'
    THEN EXISTS (SELECT FROM deliveries d WHERE d.endpoint = p.id AND d.due_at < now() - interval '30 days')
END
