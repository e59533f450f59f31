-- What the last run before this one had found: what is new and what is fixed is told against it.
SELECT findings FROM feed_runs
WHERE partner = $1 AND id < $2 AND NOT dry_run AND findings IS NOT NULL AND status <> 'failed'
ORDER BY id DESC LIMIT 1
