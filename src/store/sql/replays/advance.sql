-- How far the job has come. The last statement of a slice, because recorders count on the same row. What was
-- matched and has left its state by other hands counts as skipped in the end.
UPDATE replays r SET
    enqueued = r.enqueued + $2,
    skipped = CASE WHEN s.over THEN greatest(r.skipped + $3, r.matched - r.enqueued - $2) ELSE r.skipped + $3 END,
    matched = greatest(r.matched, r.enqueued + $2 + r.skipped + $3),
    next_at = greatest(r.next_at, clock_timestamp() - interval '100 milliseconds')
        + make_interval(secs => $2::bigint / r.rate_per_second::float8),
    status = CASE WHEN s.over THEN 'done' ELSE r.status END,
    updated_at = clock_timestamp()
FROM (SELECT NOT EXISTS (SELECT FROM replay_targets WHERE replay = $1 AND NOT done) AS over) s
WHERE r.id = $1
