-- Moves accepted deliveries out of the hot table, behind the fence: nothing happens for a shard that this node no
-- longer owns. A takeover updates the same rows, so one of the two waits. The commit need not reach the disk first:
-- a record lost in a crash only repeats a delivery.
WITH fence AS MATERIALIZED (
    SELECT s.shard FROM shards s
    JOIN unnest($2::smallint[], $3::bigint[]) AS held (shard, epoch)
      ON s.shard = held.shard AND s.epoch = held.epoch
    WHERE s.node = $1
    FOR SHARE OF s
), outcome AS MATERIALIZED (
    SELECT * FROM unnest($4::uuid[], $5::timestamptz[], $6::int[], $7::smallint[], $8::text[], $9::boolean[],
                         $10::smallint[], $11::smallint[], $12::smallint[], $13::smallint[], $14::bytea[])
        AS o (id, at, duration_ms, status_code, response_body, response_truncated,
              dns_ms, connect_ms, tls_ms, first_byte_ms, body_hash)
), finished AS (
    DELETE FROM deliveries d USING outcome o, fence f
    WHERE d.id = o.id AND d.shard = f.shard
    RETURNING d.id, d.event, d.endpoint, d.partner, d.order_id, d.sequence, d.attempts + 1 AS attempts,
              d.created_at, d.opened_at, d.replay, d.failure_group,
              o.at, o.duration_ms, o.status_code, o.response_body, o.response_truncated,
              o.dns_ms, o.connect_ms, o.tls_ms, o.first_byte_ms, o.body_hash
), delivered_rows AS (
    INSERT INTO delivered (id, event, endpoint, partner, order_id, sequence, attempts, created_at, opened_at)
    SELECT id, event, endpoint, partner, order_id, sequence, attempts, created_at, opened_at FROM finished
), attempt_rows AS (
    INSERT INTO attempts (delivery, number, at, opened_at, duration_ms, status_code, response_body, response_truncated,
                          dns_ms, connect_ms, tls_ms, first_byte_ms, body_hash)
    SELECT f.id, f.attempts, f.at, f.opened_at, f.duration_ms, f.status_code,
           -- A reply that arrives after the redaction may still echo the buyer. Checked only if there is a body.
           CASE WHEN f.response_body IS NOT NULL AND (SELECT redacted_at FROM orders WHERE id = f.order_id) IS NULL
                THEN f.response_body END,
           f.response_truncated, f.dns_ms, f.connect_ms, f.tls_ms, f.first_byte_ms, f.body_hash
    FROM finished f
), recovered AS (
    UPDATE failure_groups g SET waiting = g.waiting - locked.count
    FROM (
        SELECT old.id, n.count FROM failure_groups old
        JOIN (SELECT failure_group, count(*) FROM finished WHERE failure_group IS NOT NULL GROUP BY failure_group) n
          ON n.failure_group = old.id
        ORDER BY old.id FOR UPDATE OF old
    ) locked
    WHERE g.id = locked.id
    RETURNING g.id
), replayed AS (
    UPDATE replays r SET delivered = r.delivered + n.count, updated_at = now()
    FROM (SELECT replay, count(*) FROM finished WHERE replay IS NOT NULL GROUP BY replay) n
    -- After the groups, because a replay's slice locks them first, too.
    WHERE r.id = n.replay AND (SELECT count(*) FROM recovered) IS NOT NULL
)
SELECT shard, set_config('synchronous_commit', 'off', true) FROM fence
