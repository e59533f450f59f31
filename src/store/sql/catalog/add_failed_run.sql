-- Records a pull that fetched nothing as a failed run.
INSERT INTO feed_runs (id, partner, mode, dry_run, status, reason, items, findings, bytes, sha256, actor, started_at, finished_at)
VALUES ($1, $2, $3, false, 'failed', $4, $5, $6, 0, sha256(''), $7, $8, now())
RETURNING id, partner, mode, dry_run, status, reason, format, items, findings, changes, base_version, started_at, finished_at
