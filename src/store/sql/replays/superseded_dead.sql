-- Counts the superseded ones among the dead deliveries a filter matches: a replay leaves them out by default. Examines
-- $8 deliveries at most, because each is looked up in its order.
SELECT count(*) AS examined,
       count(*) FILTER (WHERE is_superseded(m.endpoint, m.partner, m.order_id, m.sequence)) AS superseded
FROM (
    SELECT d.endpoint, d.partner, d.order_id, d.sequence
    FROM endpoints p
    JOIN dead_deliveries d ON d.endpoint = p.id
    WHERE p.deleted_at IS NULL AND ($1::uuid IS NULL OR p.partner = $1) AND ($2::uuid IS NULL OR p.id = $2)
          AND d.died_at <= $3
          AND ($4::text IS NULL OR (SELECT type FROM events WHERE id = d.event) = $4)
          AND ($5::text IS NULL OR d.last_error = $5 OR d.reason = $5)
          AND ($6::timestamptz IS NULL OR d.died_at >= $6)
          AND ($7::timestamptz IS NULL OR d.died_at < $7)
          AND ($9::uuid IS NULL OR d.failure_group = $9)
    LIMIT $8::bigint
) m
