-- Picks the endpoint for the next slice: of those scanned longest ago, the first that has room. Room is what its
-- queue lacks to $2 due rows, and counting stops there: a replay never piles up ahead of new orders. Endpoints
-- without room move to the back, so that they block no others.
WITH longest AS (
    SELECT t.endpoint, t.scanned_at, $2::bigint - queued.due AS room
    FROM (
        SELECT endpoint, scanned_at FROM replay_targets
        WHERE replay = $1 AND NOT done ORDER BY scanned_at, endpoint LIMIT 64
    ) t
    CROSS JOIN LATERAL (
        SELECT count(*) AS due FROM (
            SELECT FROM deliveries d WHERE d.endpoint = t.endpoint AND d.due_at <= now()
            ORDER BY d.due_at LIMIT $2::bigint -- in index order: never scans the whole queue
        ) open
    ) queued
), turn AS (
    SELECT endpoint FROM longest WHERE room > 0 ORDER BY scanned_at, endpoint LIMIT 1
)
UPDATE replay_targets t SET scanned_at = clock_timestamp()
FROM longest l
WHERE t.replay = $1 AND t.endpoint = l.endpoint
  AND (l.room <= 0 OR l.endpoint = (SELECT endpoint FROM turn))
RETURNING t.endpoint, t.cursor_at, t.cursor, l.room
