-- Ends the runs of a node that shuts down, because their documents go with it: now, not when the lease ends. A held
-- run that was being approved is held again.
UPDATE feed_runs SET
    status = CASE WHEN base_version IS NULL THEN 'failed' ELSE 'held' END,
    reason = CASE WHEN base_version IS NULL THEN 'node_stopped' ELSE reason END,
    lease_expires_at = NULL, finished_at = now()
WHERE status IN ('queued', 'running') AND node = $1
RETURNING id, partner, mode, dry_run, status, reason, format, items, findings, changes, base_version, started_at, finished_at,
    (SELECT slug FROM partners WHERE partners.id = feed_runs.partner) AS slug
