-- Records the job's progress. The last statement of a slice, because recorders update the same row. Matched
-- deliveries that left their state by other means count as skipped at the end.
UPDATE replays r SET
    enqueued = r.enqueued + $2,
    skipped = CASE WHEN s.is_done THEN greatest(r.skipped + $3, r.matched - r.enqueued - $2) ELSE r.skipped + $3 END,
    matched = greatest(r.matched, r.enqueued + $2 + r.skipped + $3),
    next_at = greatest(r.next_at, clock_timestamp() - interval '100 milliseconds')
        + make_interval(secs => $2::bigint / r.rate_per_second::float8),
    status = CASE WHEN s.is_done THEN 'done' ELSE r.status END,
    updated_at = clock_timestamp()
FROM (SELECT NOT EXISTS (SELECT FROM replay_targets WHERE replay = $1 AND NOT done) AS is_done) s
WHERE r.id = $1
