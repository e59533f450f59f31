-- Lists audit entries, newest first.
SELECT id, at, actor, key, role, partner, action, subject, details
FROM audit
WHERE id < $1::bigint AND id >= $9::bigint
  AND ($2::text IS NULL OR actor = $2)
  AND ($3::uuid IS NULL OR key = $3)
  AND ($4::text IS NULL OR action = $4)
  AND ($5::text IS NULL OR subject = $5)
  AND ($6::timestamptz IS NULL OR at >= $6)
  AND ($7::timestamptz IS NULL OR at < $7)
ORDER BY id DESC
LIMIT $8::bigint
