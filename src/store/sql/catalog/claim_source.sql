-- Claims one due source for this node. Those of suspended partners wait. The validators of the last document are cleared until the pull ends, so that
-- a pull that dies cannot leave behind validators of a document that was never applied.
WITH due AS (
    SELECT partner, run, etag, last_modified, reader_digest FROM feed_sources
    WHERE next_at <= now() AND (claim_expires_at IS NULL OR claim_expires_at < now())
        AND NOT EXISTS (SELECT FROM partners o WHERE o.id = feed_sources.partner AND o.suspended_at IS NOT NULL)
    ORDER BY next_at LIMIT 1 FOR UPDATE SKIP LOCKED
)
UPDATE feed_sources s SET claim = $1, claim_expires_at = now() + make_interval(secs => $2::double precision),
    etag = NULL, last_modified = NULL, reader_digest = NULL
FROM due JOIN partners p ON p.id = due.partner LEFT JOIN feed_runs r ON r.id = due.run
WHERE s.partner = due.partner
RETURNING s.partner, p.slug, s.url, s.sealed_url, s.url_saved_by, s.every_minutes, s.mode, s.format, s.headers, s.login, s.host_key, s.failures,
    due.run, due.etag, due.last_modified, due.reader_digest,
    -- A document that was not applied, or that another full feed replaced, must be fetched again.
    coalesce(r.status = 'applied' AND NOT EXISTS (
        SELECT FROM feed_runs other WHERE other.partner = s.partner AND other.id <> r.id AND other.mode = 'full'
            AND other.status = 'applied' AND other.finished_at > r.finished_at), false) AS is_current
