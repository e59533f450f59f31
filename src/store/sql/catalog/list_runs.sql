-- Lists a partner's runs, newest first.
SELECT id, partner, mode, dry_run, status, reason, format, items, findings, changes, base_version, started_at, finished_at FROM feed_runs
WHERE partner = $1 AND ($2::uuid IS NULL OR id < $2) ORDER BY id DESC LIMIT $3
