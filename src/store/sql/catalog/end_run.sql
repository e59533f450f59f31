-- Ends a run once; a caller that has lost it changes nothing. Uses the clock, because the transaction may have begun
-- long ago.
UPDATE feed_runs SET status = $2, reason = $3, format = coalesce($4, format), items = coalesce($5, items),
    findings = coalesce($6, findings), changes = coalesce($7, changes), base_version = $8,
    resulting_version = CASE WHEN $2 = 'applied' THEN (SELECT version FROM feeds WHERE feeds.partner = feed_runs.partner) END,
    lease_expires_at = NULL, finished_at = clock_timestamp()
WHERE id = $1 AND status = 'running'
RETURNING id, partner, mode, dry_run, status, reason, format, items, findings, changes, base_version, started_at, finished_at
