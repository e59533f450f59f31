-- Lists the sources of all partners or one, with the status of their last pulls.
SELECT p.slug, s.url, s.every_minutes, s.mode, s.format, s.credentials, s.header_names, s.host_key, s.next_at,
    coalesce(s.claim_expires_at > now(), false) AS pulling, s.failures, s.etag IS NOT NULL AS has_etag,
    s.last_modified IS NOT NULL AS has_last_modified, s.last_pull_at, s.run, r.status, r.reason, s.created_at
FROM partners p JOIN feed_sources s ON s.partner = p.id LEFT JOIN feed_runs r ON r.id = s.run
WHERE ($1::uuid IS NULL OR s.partner = $1) AND p.slug > $2
ORDER BY p.slug LIMIT $3
