-- Saves a partner's feed source. Nothing is known of a new source, so the pull state is reset and a pull in progress
-- loses its claim.
INSERT INTO feed_sources AS s (partner, url, url_saved_by, every_minutes, mode, format, credentials, header_names, headers, sealed_url,
    login, host_key)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)
ON CONFLICT (partner) DO UPDATE SET url = excluded.url, sealed_url = excluded.sealed_url, url_saved_by = excluded.url_saved_by,
    every_minutes = excluded.every_minutes, mode = excluded.mode, format = excluded.format,
    credentials = excluded.credentials, header_names = excluded.header_names, headers = excluded.headers,
    login = excluded.login, host_key = excluded.host_key,
    next_at = now(), claim = NULL, claim_expires_at = NULL, failures = 0, run = NULL, etag = NULL, last_modified = NULL,
    reader_digest = NULL, last_pull_at = NULL
