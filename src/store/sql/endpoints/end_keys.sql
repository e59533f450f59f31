-- Before a rotation, ends every key after the overlap at the latest, and all but the newest few of a kind now.
UPDATE endpoint_keys k
SET valid_until = CASE WHEN r.position > $3::bigint THEN now()
                  ELSE least(k.valid_until, now() + make_interval(hours => $2::int)) END
FROM (
    SELECT id, row_number() OVER (PARTITION BY kind ORDER BY valid_until DESC NULLS FIRST, created_at DESC) AS position
    FROM endpoint_keys WHERE endpoint = $1 AND (valid_until IS NULL OR valid_until > now())
) r
WHERE k.id = r.id
RETURNING k.valid_until
