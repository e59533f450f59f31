-- A job and how far it is; $2 narrows to those that a partner made.
SELECT id, filter, rate_per_second, include_superseded, reason, actor, status, matched, enqueued, skipped,
       delivered, dead, created_at, updated_at
FROM replays WHERE id = $1 AND ($2::uuid IS NULL OR owner = $2)
