-- Adds up what a node has counted, by the minute and by the hour in one statement: what is counted in one is in the other.
-- A minute that has no day's table, because a node's clock is wrong, is left out.
WITH counted AS MATERIALIZED (
    SELECT * FROM unnest($1::uuid[], $2::timestamptz[], $3::bigint[], $4::bigint[], $5::bigint[], $6::bigint[], $7::bigint[],
                         $8::bigint[], $9::bigint[], $10::bigint[], $11::bigint[], $12::bigint[], $13::bigint[], $14::bigint[],
                         $15::bigint[])
        AS c (subject, minute, orders, delivered, failed, dead, latency_ms, l1, l2, l3, l4, l5, l6, l7, l8)
    WHERE minute > now() - interval '1 day' AND minute < now() + interval '1 day'
), minutes AS (
    INSERT INTO minute_stats AS s (subject, minute, orders, delivered, failed, dead, latency_ms, latencies)
    SELECT subject, minute, orders, delivered, failed, dead, latency_ms, ARRAY[l1, l2, l3, l4, l5, l6, l7, l8]
    FROM counted ORDER BY subject, minute
    ON CONFLICT (subject, minute) DO UPDATE SET
        orders = s.orders + excluded.orders, delivered = s.delivered + excluded.delivered,
        failed = s.failed + excluded.failed, dead = s.dead + excluded.dead,
        latency_ms = s.latency_ms + excluded.latency_ms, latencies = add_latencies(s.latencies, excluded.latencies)
    RETURNING 1
)
INSERT INTO hour_stats AS s (subject, hour, orders, delivered, failed, dead, latency_ms, latencies)
SELECT subject, date_trunc('hour', minute), sum(orders)::bigint, sum(delivered)::bigint, sum(failed)::bigint,
       sum(dead)::bigint, sum(latency_ms)::bigint,
       ARRAY[sum(l1), sum(l2), sum(l3), sum(l4), sum(l5), sum(l6), sum(l7), sum(l8)]::bigint[]
FROM counted
-- After the minutes, so that nodes lock the rows in one order.
WHERE (SELECT count(*) FROM minutes) IS NOT NULL
GROUP BY subject, date_trunc('hour', minute) ORDER BY 1, 2
ON CONFLICT (subject, hour) DO UPDATE SET
    orders = s.orders + excluded.orders, delivered = s.delivered + excluded.delivered,
    failed = s.failed + excluded.failed, dead = s.dead + excluded.dead,
    latency_ms = s.latency_ms + excluded.latency_ms, latencies = add_latencies(s.latencies, excluded.latencies)
