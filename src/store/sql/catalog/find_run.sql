-- Reads one run of a partner.
SELECT id, partner, mode, dry_run, status, reason, format, items, findings, changes, base_version, started_at, finished_at FROM feed_runs WHERE id = $1 AND partner = $2
