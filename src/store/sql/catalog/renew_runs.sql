-- This node lives: its runs keep their lease.
UPDATE feed_runs SET lease_expires_at = now() + make_interval(secs => $2::double precision)
WHERE node = $1 AND status IN ('queued', 'running')
