-- Counts the deliveries that match among the latest $6, for a list that says how many match. Each table is read from the
-- end of its own index.
SELECT count(*) AS scanned, count(*) FILTER (
    WHERE ($2::text IS NULL OR (SELECT type FROM events WHERE id = w.event) = $2)
      AND ($3::timestamptz IS NULL OR w.created_at >= $3)
      AND ($4::timestamptz IS NULL OR w.created_at < $4)
      AND ($5::text IS NULL OR w.last_error = $5 OR w.reason = $5)) AS matched
FROM (
    SELECT event, created_at, last_error, reason FROM all_deliveries
    WHERE id < $8::uuid AND id >= $7::uuid AND ($1::text IS NULL OR status = $1)
    ORDER BY id DESC
    LIMIT $6::bigint
) w
