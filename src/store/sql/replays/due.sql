-- Reads what a slice must know of its job, and how long the rate makes it wait.
SELECT filter, source, rate_per_second, include_superseded, bound_at,
       greatest(extract(epoch FROM next_at - clock_timestamp()), 0)::float8 AS wait_s
FROM replays WHERE id = $1 AND status = 'running'
