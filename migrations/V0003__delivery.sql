-- Deliveries: nodes and shards, the queue, what was delivered, replays.

CREATE TABLE nodes (
    id          uuid PRIMARY KEY,
    expires_at       timestamptz NOT NULL,
    settings    jsonb NOT NULL DEFAULT '{}',     -- settings that all nodes should share, by name; secrets as digests
    master_keys bytea[] NOT NULL DEFAULT '{}'    -- ids of the keys it can open; the first one seals
);

-- Every node opens this value at start, which proves that it has the right master key.
CREATE TABLE master_key_check (
    id     smallint PRIMARY KEY DEFAULT 1 CHECK (id = 1),
    sealed bytea NOT NULL                        -- sealed known value
);

CREATE TABLE shards (
    shard smallint PRIMARY KEY CHECK (shard BETWEEN 0 AND 63),
    node  uuid,
    epoch bigint NOT NULL DEFAULT 0
) WITH (fillfactor = 50);
INSERT INTO shards (shard) SELECT generate_series(0, 63);

-- The shape of a temporary table with which a session checks that the disk has space. Always empty.
CREATE TABLE write_check (
    filler text NOT NULL
);

-- Open deliveries only. `opened_at` is the time of creation or of the last replay: the 30 days that a
-- delivery may stay open begin then, and it names the partition that the finished delivery moves to (the
-- partition of the creation day may be gone by then).
CREATE TABLE deliveries (
    id                uuid PRIMARY KEY,
    event             uuid NOT NULL,
    endpoint          uuid NOT NULL,
    partner           uuid NOT NULL,
    order_id          uuid,
    sequence          integer,
    shard             smallint NOT NULL,
    attempts          integer NOT NULL DEFAULT 0 CHECK (attempts >= 0),
    attempts_in_cycle integer NOT NULL DEFAULT 0 CHECK (attempts_in_cycle >= 0), -- attempts since opened_at: the position in the retry schedule
    due_at            timestamptz NOT NULL DEFAULT now(),
    created_at        timestamptz NOT NULL DEFAULT now(),
    opened_at         timestamptz NOT NULL DEFAULT now(),
    replay            uuid,                      -- the replay job that reopened it
    last_error        text
) WITH (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 50000,
        autovacuum_vacuum_insert_scale_factor = 0, autovacuum_vacuum_insert_threshold = 1000000,
        autovacuum_analyze_scale_factor = 0, autovacuum_analyze_threshold = 1000000,
        autovacuum_vacuum_cost_delay = 0);
CREATE INDEX deliveries_due ON deliveries (endpoint, due_at, id);
CREATE UNIQUE INDEX deliveries_of_endpoint ON deliveries (endpoint, event);

CREATE TABLE dead_deliveries (
    id         uuid PRIMARY KEY,
    event      uuid NOT NULL,
    endpoint   uuid NOT NULL,
    partner    uuid NOT NULL,
    order_id   uuid,
    sequence   integer,
    attempts   integer NOT NULL,
    created_at timestamptz NOT NULL,
    died_at    timestamptz NOT NULL DEFAULT now(),
    reason     text NOT NULL CHECK (reason IN ('exhausted', 'expired', 'unrenderable', 'endpoint_deleted')),
    last_error text
);
CREATE INDEX dead_deliveries_of_endpoint ON dead_deliveries (endpoint, event);
CREATE INDEX dead_deliveries_died ON dead_deliveries (died_at);

CREATE TABLE delivered (
    id           uuid NOT NULL,
    event        uuid NOT NULL,
    endpoint     uuid NOT NULL,
    partner      uuid NOT NULL,
    order_id     uuid,
    sequence     integer,
    attempts     integer NOT NULL,
    created_at   timestamptz NOT NULL,
    opened_at    timestamptz NOT NULL,
    delivered_at timestamptz NOT NULL DEFAULT now()
) PARTITION BY RANGE (opened_at);
CREATE INDEX delivered_id ON delivered (id);
CREATE INDEX delivered_of_endpoint ON delivered (endpoint, event);

CREATE TABLE attempts (
    delivery           uuid NOT NULL,
    number             integer NOT NULL,
    at                 timestamptz NOT NULL,
    opened_at          timestamptz NOT NULL,
    duration_ms        integer NOT NULL,
    status_code        smallint,
    error              text,
    response_body      text,
    response_truncated boolean NOT NULL DEFAULT false
) PARTITION BY RANGE (opened_at);
CREATE INDEX attempts_of_delivery ON attempts (delivery);

-- Every delivery in any state. A snapshot sees each once, because each move is one statement.
CREATE VIEW all_deliveries AS
SELECT 'pending' AS status, id, event, endpoint, partner, order_id, sequence, attempts, created_at, due_at,
       NULL::timestamptz AS delivered_at, NULL::timestamptz AS died_at, NULL::text AS reason, last_error
FROM deliveries
UNION ALL
SELECT 'delivered', id, event, endpoint, partner, order_id, sequence, attempts, created_at, NULL,
       delivered_at, NULL, NULL, NULL
FROM delivered
UNION ALL
SELECT 'dead', id, event, endpoint, partner, order_id, sequence, attempts, created_at, NULL,
       NULL, died_at, reason, last_error
FROM dead_deliveries;

-- Whether this endpoint has accepted a later event of the same order. An earlier event must then not be
-- replayed by default: a confirmation would ship a cancelled order. Acceptances are kept for 30 days; an
-- older event that is neither open nor dead counts as accepted, to be safe.
CREATE FUNCTION is_superseded(endpoint uuid, partner uuid, order_id uuid, sequence integer) RETURNS boolean
LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT EXISTS (
        SELECT FROM events later
        WHERE later.order_id = $3 AND later.partner = $2 AND later.sequence > $4
          AND (EXISTS (SELECT FROM delivered d WHERE d.endpoint = $1 AND d.event = later.id)
               OR later.created_at < now() - interval '30 days'
                  AND NOT EXISTS (SELECT FROM deliveries d WHERE d.endpoint = $1 AND d.event = later.id)
                  AND NOT EXISTS (SELECT FROM dead_deliveries d WHERE d.endpoint = $1 AND d.event = later.id))
    )
$$;

-- One partition per day, created ahead by the gateway and dropped when it is too old.
-- There is no default partition: rows in it would block the creation of the next day's partition.
-- A partition is created alone and then attached, because CREATE TABLE … PARTITION OF locks out every reader
-- and writer of the parent: behind one long reader, nothing could be recorded. The lock taken here lets both
-- pass and serialises creators.
CREATE FUNCTION make_day_partitions(first date, last date) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    day date;
    parent text;
    name text;
BEGIN
    FOREACH parent IN ARRAY ARRAY['delivered', 'attempts'] LOOP
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

CREATE TABLE replays (
    id                 uuid PRIMARY KEY,
    filter             jsonb NOT NULL,
    source             text NOT NULL CHECK (source IN ('dead', 'missing')),
    rate_per_second    integer NOT NULL CHECK (rate_per_second > 0),
    include_superseded boolean NOT NULL,
    reason             text NOT NULL,
    actor                text NOT NULL,
    owner              uuid,                     -- the partner whose key created it; null for an operator's
    status             text NOT NULL DEFAULT 'running'
                       CHECK (status IN ('running', 'paused', 'done', 'cancelled')),
    bound_at           timestamptz NOT NULL,     -- frozen at creation: nothing later is replayed
    next_at            timestamptz NOT NULL DEFAULT now(), -- the next slice is not due before this
    matched            bigint NOT NULL,
    enqueued           bigint NOT NULL DEFAULT 0,
    skipped            bigint NOT NULL DEFAULT 0,
    delivered          bigint NOT NULL DEFAULT 0,
    dead               bigint NOT NULL DEFAULT 0,
    created_at         timestamptz NOT NULL DEFAULT now(),
    updated_at         timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX replays_running ON replays (id) WHERE status = 'running';

-- A replay advances per endpoint, so that a full endpoint never delays the others.
CREATE TABLE replay_targets (
    replay     uuid NOT NULL REFERENCES replays ON DELETE CASCADE,
    endpoint   uuid NOT NULL,
    cursor_at  timestamptz NOT NULL,             -- for `missing`: the time of the event at `cursor`
    cursor     uuid NOT NULL DEFAULT '00000000-0000-0000-0000-000000000000', -- the last event of the last slice
    scanned_at timestamptz NOT NULL DEFAULT now(),
    done       boolean NOT NULL DEFAULT false,
    PRIMARY KEY (replay, endpoint)
);
CREATE INDEX replay_targets_turn ON replay_targets (replay, scanned_at, endpoint) WHERE NOT done;
