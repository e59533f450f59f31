-- Extends the lease of this node's runs.
UPDATE feed_runs SET lease_expires_at = now() + make_interval(secs => $2::double precision)
WHERE node = $1 AND status IN ('queued', 'running')
