-- Lists jobs, newest first; $3 limits them to one partner's jobs.
SELECT id, filter, rate_per_second, include_superseded, reason, actor, status, matched, enqueued, skipped,
       delivered, dead, created_at, updated_at
FROM replays WHERE id < $1 AND ($3::uuid IS NULL OR owner = $3) ORDER BY id DESC LIMIT $2
