-- Fails a run that cannot continue, queued or running. One that was being approved is held again.
UPDATE feed_runs SET
    status = CASE WHEN base_version IS NULL THEN 'failed' ELSE 'held' END,
    reason = CASE WHEN base_version IS NULL THEN $2 ELSE reason END,
    lease_expires_at = NULL, finished_at = now()
WHERE id = $1 AND status IN ('queued', 'running')
RETURNING id, partner, mode, dry_run, status, reason, format, items, findings, changes, base_version, started_at, finished_at
