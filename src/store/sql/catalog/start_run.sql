-- Starts a run if no run of its feed is running or queued before it. The unique index decides races.
UPDATE feed_runs r SET status = 'running', started_at = now()
WHERE r.id = $1 AND r.status = 'queued' AND NOT EXISTS (
    SELECT FROM feed_runs other
    WHERE other.partner = r.partner AND (other.status = 'running' OR other.status = 'queued' AND other.id < r.id))
RETURNING (SELECT version FROM feeds WHERE partner = r.partner) AS version
