-- Ends a pull and schedules the next one. A pull that did not start ($2 is null) leaves no trace.
UPDATE feed_sources SET claim = NULL, claim_expires_at = NULL, run = coalesce($2, run), etag = $3, last_modified = $4, reader_digest = $5,
    failures = $6, last_pull_at = CASE WHEN $2 IS NULL THEN last_pull_at ELSE now() END,
    next_at = now() + make_interval(secs => $7::double precision)
WHERE claim = $1
