-- A run that cannot go on, wherever it stands.
UPDATE feed_runs SET status = 'failed', reason = $2, base_version = NULL, until = NULL, finished_at = now()
WHERE id = $1 AND status IN ('queued', 'running')
RETURNING id, partner, mode, dry_run, status, reason, format, items, findings, changes, base_version, started_at, finished_at
