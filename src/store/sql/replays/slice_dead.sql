-- Reopens a slice of one endpoint's dead deliveries, oldest event first, and returns how far it scanned. A delivery
-- leaves one table and enters the other in this statement, so it is never in both or neither.
WITH passed AS MATERIALIZED (
    SELECT d.id, d.event, d.partner, d.order_id, d.sequence,
      d.died_at <= $3
      AND ($4::text IS NULL OR (SELECT type FROM events WHERE id = d.event) = $4)
      AND ($5::text IS NULL OR d.last_error = $5 OR d.reason = $5)
      AND ($6::timestamptz IS NULL OR d.died_at >= $6)
      AND ($7::timestamptz IS NULL OR d.died_at < $7)
      AND ($12::uuid IS NULL OR d.failure_group = $12) AS matches
    FROM dead_deliveries d
    WHERE d.endpoint = $2 AND d.event > $8
    ORDER BY d.event
    LIMIT $11::bigint
), slice AS MATERIALIZED (
    SELECT id, event, NOT $9 AND is_superseded($2, partner, order_id, sequence) AS superseded
    FROM passed WHERE matches ORDER BY event LIMIT $10::bigint
), reopened AS (
    DELETE FROM dead_deliveries d USING slice s, endpoints p
    WHERE d.id = s.id AND NOT s.superseded AND p.id = $2 AND p.deleted_at IS NULL
    RETURNING d.*, p.shard
), opened AS (
    INSERT INTO deliveries (id, event, endpoint, partner, order_id, sequence, shard, attempts, created_at,
                            replay, last_error, failure_group)
    SELECT id, event, endpoint, partner, order_id, sequence, shard, attempts, created_at, $1::uuid, last_error, failure_group
    FROM reopened
    RETURNING shard
), counted AS (
    UPDATE failure_groups g SET waiting = g.waiting + locked.count, dead = g.dead - locked.count
    FROM (
        SELECT old.id, n.count FROM failure_groups old
        JOIN (SELECT failure_group, count(*) FROM reopened WHERE failure_group IS NOT NULL GROUP BY failure_group) n
          ON n.failure_group = old.id
        ORDER BY old.id FOR UPDATE OF old
    ) locked
    WHERE g.id = locked.id
)
SELECT (SELECT count(*) FROM passed) AS passed,
       (SELECT count(*) FROM slice) AS matched,
       (SELECT count(*) FROM opened) AS enqueued,
       (SELECT shard FROM opened LIMIT 1) AS shard,
       NULL::timestamptz AS cursor_at,
       CASE WHEN (SELECT count(*) FROM slice) < $10::bigint
            THEN (SELECT event FROM passed ORDER BY event DESC LIMIT 1)
            ELSE (SELECT event FROM slice ORDER BY event DESC LIMIT 1)
       END AS cursor
