-- Ends runs whose node is gone, since their documents went with it. A held run that was being approved is held
-- again.
UPDATE feed_runs SET
    status = CASE WHEN base_version IS NULL THEN 'failed' ELSE 'held' END,
    reason = CASE WHEN base_version IS NULL THEN 'node_lost' ELSE reason END,
    lease_expires_at = NULL, finished_at = now()
WHERE status IN ('queued', 'running') AND lease_expires_at < now()
RETURNING id, partner, mode, dry_run, status, reason, format, items, findings, changes, base_version, started_at, finished_at,
    (SELECT slug FROM partners WHERE partners.id = feed_runs.partner) AS slug
