-- Adds images not seen before and makes their hosts due. Sorted, so that two walks cannot deadlock.
WITH new AS (
    INSERT INTO images (hash, url, host)
    SELECT DISTINCT ON (u.hash) u.hash, u.url, u.host
    FROM unnest($1::bytea[], $2::text[], $3::text[]) AS u (hash, url, host) ORDER BY u.hash
    ON CONFLICT DO NOTHING RETURNING host
)
INSERT INTO image_hosts AS h (host) SELECT DISTINCT host FROM new ORDER BY host
ON CONFLICT (host) DO UPDATE SET next_at = least(h.next_at, now()) WHERE h.failing = 0 AND h.lease IS NULL
