-- Records how attempts changed an endpoint, behind its shard's fence. Only the version that was sent to can be
-- disabled: a 410 of an old URL says nothing about the new one, and an operator's decision is not overruled. If
-- several attempts report the same, the first counts.
WITH fence AS MATERIALIZED (
    SELECT s.shard FROM shards s
    WHERE s.shard = $2::smallint AND s.epoch = $3::bigint AND s.node = $1
    FOR SHARE OF s
), current AS MATERIALIZED (
    SELECT e.id, n.slug, e.status = 'enabled' AND $7::text IS NOT NULL
                         AND e.version + n.version = $8::bigint AS disables
    FROM fence f
    JOIN endpoints e ON e.shard = f.shard AND e.id = $4 AND e.deleted_at IS NULL
    JOIN partners n ON n.id = e.partner
    FOR UPDATE OF e
)
UPDATE endpoints p SET
    circuit = $5::text,
    failing_since = $6::timestamptz,
    status = CASE WHEN current.disables THEN 'disabled' ELSE p.status END,
    status_reason = CASE WHEN current.disables THEN $7::text ELSE p.status_reason END,
    version = p.version + current.disables::int,
    updated_at = CASE WHEN current.disables THEN now() ELSE p.updated_at END
FROM current
WHERE p.id = current.id
RETURNING p.partner, p.url, p.status, p.status_reason, current.slug, current.disables
