-- Makes a slice of one endpoint's waiting deliveries due, oldest event first, restarts their schedules, and returns how
-- far it scanned. What is due already, or in flight, is left alone.
WITH passed AS MATERIALIZED (
    SELECT d.id, d.event,
      d.due_at > now() AND d.created_at <= $3
      AND ($4::text IS NULL OR (SELECT type FROM events WHERE id = d.event) = $4)
      AND ($5::text IS NULL OR d.last_error = $5)
      AND ($6::timestamptz IS NULL OR d.created_at >= $6)
      AND ($7::timestamptz IS NULL OR d.created_at < $7)
      AND ($11::uuid IS NULL OR d.failure_group = $11) AS matches
    FROM deliveries d
    WHERE d.endpoint = $2 AND d.event > $8
    ORDER BY d.event
    LIMIT $10::bigint
), slice AS MATERIALIZED (
    SELECT id, event FROM passed WHERE matches ORDER BY event LIMIT $9::bigint
), hastened AS (
    UPDATE deliveries d SET due_at = clock_timestamp(), attempts_in_cycle = 0, replay = $1::uuid
    FROM slice s, endpoints p
    WHERE d.id = s.id AND d.due_at > now() AND p.id = $2 AND p.deleted_at IS NULL
    RETURNING d.shard
)
SELECT (SELECT count(*) FROM passed) AS passed,
       (SELECT count(*) FROM slice) AS matched,
       (SELECT count(*) FROM hastened) AS enqueued,
       (SELECT shard FROM hastened LIMIT 1) AS shard,
       NULL::timestamptz AS cursor_at,
       CASE WHEN (SELECT count(*) FROM slice) < $9::bigint
            THEN (SELECT event FROM passed ORDER BY event DESC LIMIT 1)
            ELSE (SELECT event FROM slice ORDER BY event DESC LIMIT 1)
       END AS cursor
