-- Turns a slice of deliveries that an endpoint will never send into dead letters, read from the endpoint's own
-- position in the queue.
WITH slice AS MATERIALIZED (
    SELECT id FROM deliveries
    WHERE endpoint = $1
      AND due_at < CASE WHEN $2::text = 'endpoint_deleted' THEN 'infinity' ELSE now() - interval '30 days' END
    ORDER BY due_at, id
    LIMIT $3::bigint
), ended AS (
    DELETE FROM deliveries d USING slice s WHERE d.id = s.id RETURNING d.*
), dead AS (
    INSERT INTO dead_deliveries (id, event, endpoint, partner, order_id, sequence, attempts, created_at, reason, last_error, failure_group)
    SELECT id, event, endpoint, partner, order_id, sequence, attempts, created_at, $2, last_error, failure_group FROM ended
    RETURNING id
), counted AS (
    UPDATE failure_groups g SET waiting = g.waiting - locked.count, dead = g.dead + locked.count
    FROM (
        SELECT old.id, n.count FROM failure_groups old
        JOIN (SELECT failure_group, count(*) FROM ended WHERE failure_group IS NOT NULL GROUP BY failure_group) n
          ON n.failure_group = old.id
        ORDER BY old.id FOR UPDATE OF old
    ) locked
    WHERE g.id = locked.id
    RETURNING g.id
), replayed AS (
    UPDATE replays r SET dead = r.dead + n.count, updated_at = now()
    FROM (SELECT replay, count(*) FROM ended WHERE replay IS NOT NULL GROUP BY replay) n
    -- After the groups, because a replay's slice locks them first, too.
    WHERE r.id = n.replay AND (SELECT count(*) FROM counted) IS NOT NULL
)
SELECT count(*) AS dead FROM dead
