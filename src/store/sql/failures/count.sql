-- Counts the failure groups that match among the $4 last seen, for a list that says how many match.
SELECT count(*) AS scanned, count(*) FILTER (
    WHERE ($2::text IS NULL OR w.cause = $2) AND ($3::uuid IS NULL OR w.endpoint = $3)) AS matched
FROM (
    SELECT cause, endpoint FROM failure_groups WHERE last_seen_at >= $1::timestamptz
    ORDER BY last_seen_at DESC, id DESC LIMIT $4::bigint
) w
