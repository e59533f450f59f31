-- The pull lives: its claim goes on, unless it was lost.
UPDATE feed_sources SET claim_expires_at = now() + make_interval(secs => $2::double precision) WHERE claim = $1
