-- Lists the due images of a host, longest waiting first.
SELECT hash, url, status, reason, kind, width, height, bytes, etag, bad_count, inconclusive_count, checked_at
FROM images WHERE host = $1 AND next_at <= now() ORDER BY next_at, hash LIMIT $2
