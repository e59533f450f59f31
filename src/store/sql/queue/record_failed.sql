-- Records failed attempts: each delivery is rescheduled or becomes a dead letter with its reason. Uses the same
-- fence as accepted ones. The attempt count prevents recording one twice. The delay counts by the database's clock,
-- because that clock decides what is due.
WITH fence AS MATERIALIZED (
    SELECT s.shard FROM shards s
    JOIN unnest($2::smallint[], $3::bigint[]) AS held (shard, epoch)
      ON s.shard = held.shard AND s.epoch = held.epoch
    WHERE s.node = $1
    FOR SHARE OF s
), outcome AS MATERIALIZED (
    SELECT * FROM unnest($4::uuid[], $5::int[], $6::timestamptz[], $7::int[], $8::smallint[], $9::text[],
                         $10::text[], $11::boolean[], $12::double precision[], $13::text[])
        AS o (id, attempts, at, duration_ms, status_code, error,
              response_body, response_truncated, delay_s, dead_reason)
), postponed AS (
    UPDATE deliveries d SET attempts = d.attempts + 1, attempts_in_cycle = d.attempts_in_cycle + 1, due_at = now() + make_interval(secs => o.delay_s), last_error = o.error
    FROM outcome o, fence f
    WHERE d.id = o.id AND d.shard = f.shard AND d.attempts = o.attempts AND o.dead_reason IS NULL
    RETURNING d.id, d.order_id, d.opened_at, o.attempts, o.at, o.duration_ms, o.status_code, o.error,
              o.response_body, o.response_truncated
), ended AS (
    DELETE FROM deliveries d USING outcome o, fence f
    WHERE d.id = o.id AND d.shard = f.shard AND d.attempts = o.attempts AND o.dead_reason IS NOT NULL
    RETURNING d.*, o.at, o.duration_ms, o.status_code, o.error,
              o.response_body, o.response_truncated, o.dead_reason
), dead AS (
    INSERT INTO dead_deliveries
        (id, event, endpoint, partner, order_id, sequence, attempts, created_at, reason, last_error)
    SELECT id, event, endpoint, partner, order_id, sequence, attempts + 1, created_at, dead_reason, error
    FROM ended
), attempt_rows AS (
    INSERT INTO attempts (delivery, number, at, opened_at, duration_ms, status_code, error, response_body, response_truncated)
    SELECT t.id, t.attempts + 1, t.at, t.opened_at, t.duration_ms, t.status_code, t.error,
           -- A reply that arrives after the redaction may still echo the buyer. Checked only if there is a body.
           CASE WHEN t.response_body IS NOT NULL AND (SELECT redacted_at FROM orders WHERE id = t.order_id) IS NULL
                THEN t.response_body END,
           t.response_truncated
    FROM (
        SELECT id, order_id, attempts, at, opened_at, duration_ms, status_code, error, response_body, response_truncated
        FROM postponed
        UNION ALL
        SELECT id, order_id, attempts, at, opened_at, duration_ms, status_code, error, response_body, response_truncated
        FROM ended
    ) t
), replayed AS (
    UPDATE replays r SET dead = r.dead + n.count, updated_at = now()
    FROM (SELECT replay, count(*) FROM ended WHERE replay IS NOT NULL GROUP BY replay) n
    WHERE r.id = n.replay
)
SELECT shard FROM fence
