-- Fills a migrated database for tests/acceptance/console-scale: :rows delivered, as many waiting, a tenth of them dead in 40
-- groups, 2,000 endpoints of 40 partners. No waiting delivery is due: nothing is sent while pages are measured.
BEGIN;
CREATE FUNCTION pg_temp.id_at(at timestamptz, salt text) RETURNS uuid LANGUAGE sql IMMUTABLE AS $$
    SELECT (lpad(to_hex((extract(epoch FROM at) * 1000)::bigint), 12, '0') || '7' || substr(md5(salt), 1, 3)
            || '8' || substr(md5(salt), 4, 15))::uuid
$$;
INSERT INTO partners (id, slug, name, adapter)
SELECT pg_temp.id_at(now(), 'p' || n), 'partner-' || n, 'Partner ' || n, 'standard' FROM generate_series(0, 39) n;
INSERT INTO endpoints (id, partner, shard, url, url_saved_by, event_types)
SELECT pg_temp.id_at(now(), 'e' || n), pg_temp.id_at(now(), 'p' || n % 40), n % 64, 'https://hooks.example/' || n, 'operator',
       '{order.*}'
FROM generate_series(0, 1999) n;
CREATE TEMP TABLE made AS
SELECT kind, n, at, pg_temp.id_at(at, kind || 'o' || n) AS order_id, pg_temp.id_at(at, kind || 'v' || n) AS event,
       pg_temp.id_at(at, kind || 'd' || n) AS id, pg_temp.id_at(now(), 'p' || n % 40) AS partner,
       -- The dead of a partner are at one endpoint: a group is of one endpoint.
       pg_temp.id_at(now(), 'e' || CASE kind WHEN 'x' THEN n % 40 ELSE n % 2000 END) AS endpoint,
       (n % 64)::smallint AS shard, pg_temp.id_at(now(), 'g' || n % 40) AS failure_group
FROM (
    SELECT kind, n, now() - interval '20 hours' * (n::double precision / size) AS at
    FROM (VALUES ('d', :rows), ('w', :rows), ('x', :rows / 10)) AS kinds (kind, size), generate_series(1, size) n
) times;
INSERT INTO orders (id, platform_id, content_hash, body, test, created_at)
SELECT order_id, 'P-' || kind || n, sha256(order_id::text::bytea),
       :'body', false, at
FROM made;
INSERT INTO events (id, order_id, partner, sequence, type, data, created_at)
SELECT event, order_id, partner, 1, 'order.confirmed', '{}', at FROM made;
INSERT INTO delivered (id, event, endpoint, partner, order_id, sequence, attempts, created_at, opened_at, delivered_at)
SELECT id, event, endpoint, partner, order_id, 1, 1, at, at, at FROM made WHERE kind = 'd';
INSERT INTO deliveries (id, event, endpoint, partner, order_id, sequence, shard, attempts, attempts_in_cycle, due_at,
                        created_at, opened_at, last_error)
SELECT id, event, endpoint, partner, order_id, 1, shard, 1, 1, now() + interval '2 days', at, at, 'http_503'
FROM made WHERE kind = 'w';
INSERT INTO dead_deliveries (id, event, endpoint, partner, order_id, sequence, attempts, created_at, died_at, reason,
                             last_error, failure_group)
SELECT id, event, endpoint, partner, order_id, 1, 9, at, at, 'exhausted', 'http_500', failure_group
FROM made WHERE kind = 'x';
INSERT INTO failure_groups (id, partner, endpoint, cause, signature, first_seen_at, last_seen_at, attempts, waiting, dead)
SELECT failure_group, partner, endpoint, 'http_500', '1:' || failure_group, min(at), max(at), 9 * count(*), 0, count(*)
FROM made WHERE kind = 'x' GROUP BY failure_group, partner, endpoint;
INSERT INTO attempts (delivery, number, at, opened_at, duration_ms, status_code, error)
SELECT id, 1, at, at, 40, 500, 'http_500' FROM made WHERE kind = 'x';
INSERT INTO minute_stats (subject, minute, orders, delivered, failed, dead, latency_ms, latencies)
SELECT s, m, 100, 90, 5, 5, 4000, '{10,20,30,20,10,5,5,0}'
FROM (SELECT id FROM partners UNION ALL SELECT '00000000-0000-0000-0000-000000000000') AS subjects (s),
     generate_series(date_trunc('minute', now()) - interval '20 hours', now(), '1 minute') m;
INSERT INTO hour_stats (subject, hour, orders, delivered, failed, dead, latency_ms, latencies)
SELECT subject, date_trunc('hour', minute), sum(orders), sum(delivered), sum(failed), sum(dead), sum(latency_ms),
       '{10,20,30,20,10,5,5,0}'
FROM minute_stats GROUP BY 1, 2;
INSERT INTO audit (actor, role, action, subject, at)
SELECT 'ops-' || n % 20, 'operator', 'endpoint.update', 'ep_' || n % 2000, now() - interval '1 second' * (100000 - n)
FROM generate_series(1, 100000) n;
COMMIT;
