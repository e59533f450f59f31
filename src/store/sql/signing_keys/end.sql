-- Before a rotation, ends the other keys some time after the new one begins to sign, and all but the newest few now.
UPDATE signing_keys k
SET valid_until = CASE WHEN r.position > $3::bigint THEN now()
                  ELSE least(k.valid_until, now() + make_interval(mins => $1::int, hours => $2::int)) END
FROM (
    SELECT id, row_number() OVER (ORDER BY created_at DESC) AS position
    FROM signing_keys WHERE valid_until IS NULL OR valid_until > now()
) r
WHERE k.id = r.id
