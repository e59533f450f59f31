-- Releases the pulls of a node that shuts down, so that another node restarts them without waiting for the lease to
-- end.
UPDATE feed_sources SET claim = NULL, claim_expires_at = NULL, next_at = now() WHERE claim = ANY ($1::uuid[])
