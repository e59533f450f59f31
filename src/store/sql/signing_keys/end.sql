-- Before a new key: the others are published for so long after it begins to sign, and only the youngest few.
UPDATE signing_keys k
SET valid_until = CASE WHEN r.place > $3::bigint THEN now()
                  ELSE least(k.valid_until, now() + make_interval(mins => $1::int, hours => $2::int)) END
FROM (
    SELECT id, row_number() OVER (ORDER BY created_at DESC) AS place
    FROM signing_keys WHERE valid_until IS NULL OR valid_until > now()
) r
WHERE k.id = r.id
