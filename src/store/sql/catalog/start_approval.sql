-- Restarts a held run for approval, unless a run of its feed is running.
UPDATE feed_runs r SET status = 'running', node = $2, finished_at = NULL,
    lease_expires_at = now() + make_interval(secs => $3::double precision)
WHERE r.id = $1 AND r.status = 'held'
    AND NOT EXISTS (SELECT FROM feed_runs other WHERE other.partner = r.partner AND other.status = 'running')
RETURNING base_version
