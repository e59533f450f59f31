-- Reopens a dead delivery under the same id, keeping its count of attempts and the group of its failure.
WITH reopened AS (
    DELETE FROM dead_deliveries WHERE id = $1 RETURNING *
), counted AS (
    UPDATE failure_groups g SET waiting = g.waiting + 1, dead = g.dead - 1 FROM reopened r WHERE g.id = r.failure_group
)
INSERT INTO deliveries (id, event, endpoint, partner, order_id, sequence, shard, attempts, created_at, last_error, failure_group)
SELECT r.id, r.event, r.endpoint, r.partner, r.order_id, r.sequence, p.shard, r.attempts, r.created_at, r.last_error, r.failure_group
FROM reopened r JOIN endpoints p ON p.id = r.endpoint
RETURNING shard
