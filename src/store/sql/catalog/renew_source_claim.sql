-- Extends the claim of a running pull, unless it was lost or the partner was suspended.
UPDATE feed_sources s SET claim_expires_at = now() + make_interval(secs => $2::double precision)
FROM partners p WHERE s.claim = $1 AND p.id = s.partner AND p.suspended_at IS NULL
