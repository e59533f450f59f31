-- Extends the claim of a running pull, unless it was lost.
UPDATE feed_sources SET claim_expires_at = now() + make_interval(secs => $2::double precision) WHERE claim = $1
