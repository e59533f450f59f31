-- What a slice must know of its job, and how long the rate tells it to wait.
SELECT filter, source, rate_per_second, include_superseded, bound_at,
       greatest(extract(epoch FROM next_at - clock_timestamp()), 0)::float8 AS wait_s
FROM replays WHERE id = $1 AND status = 'running'
