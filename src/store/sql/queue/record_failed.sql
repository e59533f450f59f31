-- Records failed attempts: each delivery is rescheduled or becomes a dead letter with its reason, and is counted in the
-- group of its failure. Uses the same fence as accepted ones. The attempt count prevents recording one twice. The delay
-- counts by the database's clock, because that clock decides what is due.
WITH fence AS MATERIALIZED (
    SELECT s.shard FROM shards s
    JOIN unnest($2::smallint[], $3::bigint[]) AS held (shard, epoch)
      ON s.shard = held.shard AND s.epoch = held.epoch
    WHERE s.node = $1
    FOR SHARE OF s
), outcome AS MATERIALIZED (
    SELECT * FROM unnest($4::uuid[], $5::int[], $6::timestamptz[], $7::int[], $8::smallint[], $9::text[],
                         $10::text[], $11::boolean[], $12::double precision[], $13::text[], $14::smallint[],
                         $15::smallint[], $16::smallint[], $17::smallint[], $18::bytea[], $19::jsonb[],
                         $20::uuid[], $21::text[], $22::text[], $23::text[])
        AS o (id, attempts, at, duration_ms, status_code, error,
              response_body, response_truncated, delay_s, dead_reason, dns_ms,
              connect_ms, tls_ms, first_byte_ms, body_hash, response_headers,
              failure_group, cause, signature, sample)
), postponed AS (
    UPDATE deliveries d SET attempts = d.attempts + 1, attempts_in_cycle = d.attempts_in_cycle + 1,
        due_at = now() + make_interval(secs => o.delay_s), last_error = o.error, failure_group = o.failure_group
    FROM outcome o, fence f
    WHERE d.id = o.id AND d.shard = f.shard AND d.attempts = o.attempts AND o.dead_reason IS NULL
    -- The statement's snapshot still has the group before.
    RETURNING d.*, (SELECT before.failure_group FROM deliveries before WHERE before.id = d.id) AS left_group
), ended AS (
    DELETE FROM deliveries d USING outcome o, fence f
    WHERE d.id = o.id AND d.shard = f.shard AND d.attempts = o.attempts AND o.dead_reason IS NOT NULL
    RETURNING d.*
), failed AS MATERIALIZED (
    SELECT d.*, o.attempts + 1 AS number, o.at, o.duration_ms, o.status_code, o.error, o.response_truncated,
           o.dead_reason, o.dns_ms, o.connect_ms, o.tls_ms, o.first_byte_ms, o.body_hash, o.failure_group, o.cause, o.signature,
           -- A reply that arrives after the redaction may still echo the buyer. Checked only if there is a reply.
           CASE WHEN kept.is_kept THEN o.response_body END AS response_body,
           CASE WHEN kept.is_kept THEN o.response_headers END AS response_headers,
           CASE WHEN kept.is_kept THEN o.sample END AS sample
    FROM (
        SELECT id, endpoint, partner, order_id, opened_at, left_group FROM postponed
        UNION ALL
        SELECT id, endpoint, partner, order_id, opened_at, failure_group FROM ended
    ) d
    JOIN outcome o ON o.id = d.id
    CROSS JOIN LATERAL (
        SELECT o.status_code IS NOT NULL AND (SELECT redacted_at FROM orders WHERE id = d.order_id) IS NULL AS is_kept
    ) kept
), dead AS (
    INSERT INTO dead_deliveries
        (id, event, endpoint, partner, order_id, sequence, attempts, created_at, reason, last_error, failure_group)
    SELECT e.id, e.event, e.endpoint, e.partner, e.order_id, e.sequence, f.number, e.created_at, f.dead_reason, f.error,
           f.failure_group
    FROM ended e JOIN failed f ON f.id = e.id
), attempt_rows AS (
    INSERT INTO attempts (delivery, number, at, opened_at, duration_ms, status_code, error, response_body,
                          response_truncated, dns_ms, connect_ms, tls_ms, first_byte_ms, body_hash, response_headers)
    SELECT id, number, at, opened_at, duration_ms, status_code, error, response_body,
           response_truncated, dns_ms, connect_ms, tls_ms, first_byte_ms, body_hash, response_headers
    FROM failed
), changes AS (
    SELECT id, sum(attempts)::bigint AS attempts, sum(waiting)::bigint AS waiting, sum(dead)::bigint AS dead FROM (
        SELECT failure_group AS id, 1 AS attempts, (dead_reason IS NULL)::int AS waiting, (dead_reason IS NOT NULL)::int AS dead
        FROM failed
        UNION ALL
        SELECT left_group, 0, -1, 0 FROM failed WHERE left_group IS NOT NULL
    ) each_change
    GROUP BY id
), examples AS (
    SELECT DISTINCT ON (failure_group) failure_group AS id, partner, endpoint, cause, signature, at, order_id, sample
    FROM failed ORDER BY failure_group, sample IS NULL, at
), counted AS (
    INSERT INTO failure_groups AS g (id, partner, endpoint, cause, signature, sample, sample_order, first_seen_at,
                                     last_seen_at, attempts, waiting, dead)
    SELECT c.id, coalesce(x.partner, old.partner), coalesce(x.endpoint, old.endpoint), coalesce(x.cause, old.cause),
           coalesce(x.signature, old.signature), x.sample, CASE WHEN x.sample IS NOT NULL THEN x.order_id END,
           coalesce(x.at, old.first_seen_at), coalesce(x.at, old.last_seen_at), c.attempts, c.waiting, c.dead
    FROM changes c
    LEFT JOIN examples x ON x.id = c.id
    LEFT JOIN failure_groups old ON old.id = c.id AND x.id IS NULL -- deliveries only left it
    WHERE x.id IS NOT NULL OR old.id IS NOT NULL
    ORDER BY c.id
    ON CONFLICT (id) DO UPDATE SET
        sample = coalesce(g.sample, excluded.sample),
        sample_order = CASE WHEN g.sample IS NULL THEN excluded.sample_order ELSE g.sample_order END,
        last_seen_at = greatest(g.last_seen_at, excluded.last_seen_at),
        attempts = g.attempts + excluded.attempts,
        waiting = g.waiting + excluded.waiting,
        dead = g.dead + excluded.dead
    RETURNING g.id
), replayed AS (
    UPDATE replays r SET dead = r.dead + n.count, updated_at = now()
    FROM (SELECT replay, count(*) FROM ended WHERE replay IS NOT NULL GROUP BY replay) n
    -- After the groups, because a replay's slice locks them first, too.
    WHERE r.id = n.replay AND (SELECT count(*) FROM counted) IS NOT NULL
)
SELECT shard FROM fence
