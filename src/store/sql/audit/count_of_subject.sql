-- Counts the audit entries of a subject that match among its latest $6, for a list that says how many match.
SELECT count(*) AS scanned, count(*) FILTER (
    WHERE ($1::text IS NULL OR w.actor = $1) AND ($2::uuid IS NULL OR w.key = $2)
      AND ($3::text IS NULL OR w.action = $3) AND ($4::timestamptz IS NULL OR w.at < $4)
      AND w.at >= $5::timestamptz) AS matched
FROM (
    SELECT actor, key, action, at FROM audit WHERE subject = $7 ORDER BY id DESC LIMIT $6::bigint
) w
