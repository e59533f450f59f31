-- What the failures or successes of its deliveries made of an endpoint, behind its shard's fence.
-- An operator's word is not overruled: a disabled endpoint keeps its reason.
WITH fence AS MATERIALIZED (
    SELECT s.shard FROM shards s WHERE s.shard = $2::smallint AND s.epoch = $3::bigint AND s.node = $1 FOR SHARE OF s
)
UPDATE endpoints p SET
    circuit = $5::text,
    failing_since = $6::timestamptz,
    status = CASE WHEN $7::text IS NOT NULL THEN 'disabled' ELSE p.status END,
    status_reason = CASE WHEN p.status = 'enabled' AND $7::text IS NOT NULL THEN $7::text ELSE p.status_reason END,
    version = p.version + CASE WHEN p.status = 'enabled' AND $7::text IS NOT NULL THEN 1 ELSE 0 END,
    changed_at = CASE WHEN p.status = 'enabled' AND $7::text IS NOT NULL THEN now() ELSE p.changed_at END
FROM fence f
WHERE p.id = $4 AND p.shard = f.shard AND p.deleted_at IS NULL
RETURNING p.partner, p.url, p.status, p.status_reason,
    (SELECT slug FROM partners WHERE id = p.partner) AS slug
