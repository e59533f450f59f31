-- Reads a job and its progress; $2 limits it to one partner's jobs.
SELECT id, filter, rate_per_second, include_superseded, reason, actor, status, matched, enqueued, skipped,
       delivered, dead, created_at, updated_at
FROM replays WHERE id = $1 AND ($2::uuid IS NULL OR owner = $2)
