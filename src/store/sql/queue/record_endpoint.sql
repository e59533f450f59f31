-- What the failures or successes of its deliveries made of an endpoint, behind its shard's fence.
-- Only the version that was sent to can be disabled: a 410 of an old URL says nothing about the new
-- one, an operator's word is not overruled, and of several attempts that say the same the first counts.
WITH fence AS MATERIALIZED (
    SELECT s.shard FROM shards s
    WHERE s.shard = $2::smallint AND s.epoch = $3::bigint AND s.node = $1
    FOR SHARE OF s
), known AS MATERIALIZED (
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
    status = CASE WHEN known.disables THEN 'disabled' ELSE p.status END,
    status_reason = CASE WHEN known.disables THEN $7::text ELSE p.status_reason END,
    version = p.version + known.disables::int,
    updated_at = CASE WHEN known.disables THEN now() ELSE p.updated_at END
FROM known
WHERE p.id = known.id
RETURNING p.partner, p.url, p.status, p.status_reason, known.slug, known.disables
