-- Reads the previous run's findings, to tell new ones from fixed ones.
SELECT findings FROM feed_runs
WHERE partner = $1 AND id < $2 AND NOT dry_run AND findings IS NOT NULL AND status <> 'failed'
ORDER BY id DESC LIMIT 1
