-- Deletes dead letters older than 90 days.
WITH gone AS (
    DELETE FROM dead_deliveries WHERE id IN (
        SELECT id FROM dead_deliveries WHERE died_at < now() - interval '90 days' ORDER BY died_at LIMIT $1::bigint
    )
    RETURNING failure_group
), counted AS (
    UPDATE failure_groups g SET dead = g.dead - locked.count
    FROM (
        SELECT old.id, n.count FROM failure_groups old
        JOIN (SELECT failure_group, count(*) FROM gone WHERE failure_group IS NOT NULL GROUP BY failure_group) n
          ON n.failure_group = old.id
        ORDER BY old.id FOR UPDATE OF old
    ) locked
    WHERE g.id = locked.id
)
SELECT count(*) AS gone FROM gone
