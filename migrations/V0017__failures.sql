-- Why deliveries fail: how long the parts of an attempt took, failures in groups, and statistics by the minute.

-- The parts of an attempt, in milliseconds; null on a connection that was open already, and for what was not reached.
ALTER TABLE attempts
    ADD COLUMN dns_ms           smallint,
    ADD COLUMN connect_ms       smallint, -- through a proxy, with its tunnel
    ADD COLUMN tls_ms           smallint,
    ADD COLUMN first_byte_ms    smallint, -- from the sent request to the head of the reply
    ADD COLUMN body_hash        bytea,    -- the first 8 bytes of SHA-256 of the body that was sent
    ADD COLUMN response_headers jsonb;    -- of failed attempts: name to value, without credentials

-- Failed attempts at one endpoint with the same cause and, but for ids, numbers and times, the same reply. Who changes
-- `deliveries.failure_group`, `dead_deliveries.failure_group` or moves such a row also changes the counts, in the same
-- statement: they are exact. Many groups are locked in the order of their ids, and before a replay.
CREATE TABLE failure_groups (
    id            uuid PRIMARY KEY,      -- made from endpoint, cause and signature: the same failure is the same group again
    partner       uuid NOT NULL,
    endpoint      uuid NOT NULL,
    cause         text NOT NULL,
    signature     text NOT NULL,         -- of the reply, beginning with the version of how it is made
    sample        text,                  -- the beginning of one of the replies
    sample_order  uuid,                  -- the order whose reply it is: a redaction of it removes the sample
    first_seen_at timestamptz NOT NULL,
    last_seen_at  timestamptz NOT NULL,
    attempts      bigint NOT NULL,       -- failed attempts
    waiting       bigint NOT NULL,       -- open deliveries whose last attempt failed so
    dead          bigint NOT NULL        -- dead deliveries whose last attempt failed so
) WITH (fillfactor = 50);
CREATE INDEX failure_groups_seen ON failure_groups (last_seen_at, id);
CREATE INDEX failure_groups_of_partner ON failure_groups (partner, last_seen_at, id);
CREATE INDEX failure_groups_of_endpoint ON failure_groups (endpoint, last_seen_at, id);
CREATE INDEX failure_groups_of_sample ON failure_groups (sample_order) WHERE sample_order IS NOT NULL;

ALTER TABLE deliveries ADD COLUMN failure_group uuid;      -- of the last failed attempt
ALTER TABLE dead_deliveries ADD COLUMN failure_group uuid; -- of the last failed attempt
-- Quick to make: no row has a group yet.
CREATE INDEX dead_deliveries_of_group ON dead_deliveries (failure_group) WHERE failure_group IS NOT NULL;

CREATE OR REPLACE VIEW all_deliveries AS
SELECT 'pending' AS status, id, event, endpoint, partner, order_id, sequence, attempts, created_at, due_at,
       NULL::timestamptz AS delivered_at, NULL::timestamptz AS died_at, NULL::text AS reason, last_error, failure_group
FROM deliveries
UNION ALL
SELECT 'delivered', id, event, endpoint, partner, order_id, sequence, attempts, created_at, NULL,
       delivered_at, NULL, NULL, NULL, NULL
FROM delivered
UNION ALL
SELECT 'dead', id, event, endpoint, partner, order_id, sequence, attempts, created_at, NULL,
       NULL, died_at, reason, last_error, failure_group
FROM dead_deliveries;

-- What happened in a minute, added up over all nodes. Kept for 33 days, in a table for each day.
CREATE TABLE minute_stats (
    subject    uuid NOT NULL,            -- an endpoint, a partner, or the nil UUID for the whole gateway
    minute     timestamptz NOT NULL,
    orders     bigint NOT NULL,          -- accepted; of the whole gateway only
    delivered  bigint NOT NULL,          -- accepted attempts
    failed     bigint NOT NULL,          -- failed attempts that are retried
    dead       bigint NOT NULL,          -- failed attempts that were the last
    latency_ms bigint NOT NULL,          -- of all attempts together
    latencies  bigint[] NOT NULL,        -- attempts by latency: up to 10, 50, 100, 250, 500, 1000, 5000 ms, and longer
    PRIMARY KEY (subject, minute)
) PARTITION BY RANGE (minute);

-- The same by the hour, for 400 days.
CREATE TABLE hour_stats (
    subject    uuid NOT NULL,
    hour       timestamptz NOT NULL,
    orders     bigint NOT NULL,
    delivered  bigint NOT NULL,
    failed     bigint NOT NULL,
    dead       bigint NOT NULL,
    latency_ms bigint NOT NULL,
    latencies  bigint[] NOT NULL,
    PRIMARY KEY (subject, hour)
) WITH (fillfactor = 70);
CREATE INDEX hour_stats_hour ON hour_stats (hour);

-- Adds two histograms with the same bounds.
CREATE FUNCTION add_latencies(one bigint[], other bigint[]) RETURNS bigint[]
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT array_agg(coalesce(a, 0) + coalesce(b, 0) ORDER BY n)
    FROM unnest($1, $2) WITH ORDINALITY AS pair (a, b, n)
$$;

CREATE OR REPLACE FUNCTION make_day_partitions(first date, last date) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    day date;
    parent text;
    name text;
BEGIN
    FOREACH parent IN ARRAY ARRAY['delivered', 'attempts', 'minute_stats'] LOOP
        EXECUTE format('LOCK TABLE ONLY %I IN SHARE UPDATE EXCLUSIVE MODE', parent);
        FOR day IN SELECT first + n FROM generate_series(0, last - first) AS n LOOP
            name := parent || '_' || to_char(day, 'YYYYMMDD');
            CONTINUE WHEN to_regclass(quote_ident(name)) IS NOT NULL;
            EXECUTE format('CREATE TABLE %I (LIKE %I INCLUDING DEFAULTS INCLUDING CONSTRAINTS)', name, parent);
            EXECUTE format(
                'ALTER TABLE %I ATTACH PARTITION %I FOR VALUES FROM (%L) TO (%L)', parent, name,
                day::text || ' 00:00:00+00', (day + 1)::text || ' 00:00:00+00');
        END LOOP;
    END LOOP;
END
$$;
SELECT make_day_partitions((now() AT TIME ZONE 'UTC')::date - 1, (now() AT TIME ZONE 'UTC')::date + 7);
