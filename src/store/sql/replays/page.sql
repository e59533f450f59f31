-- Jobs, newest first.
SELECT id, filter, rate_per_second, include_superseded, reason, who, status, matched, enqueued, skipped,
       delivered, dead, created_at, changed_at
FROM replays WHERE id < $1 ORDER BY id DESC LIMIT $2
