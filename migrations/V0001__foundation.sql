-- The tables of orders, deliveries and those who work on them.
--
-- Hot tables (orders, events, deliveries, delivered, attempts) carry no foreign
-- keys: each would lock and probe a second row for every order, and the single
-- statement that writes them already writes all of them or none.

CREATE FUNCTION new_uuid_v7() RETURNS uuid LANGUAGE sql VOLATILE PARALLEL SAFE AS $$
    SELECT encode(
        set_bit(set_bit(overlay(
            uuid_send(gen_random_uuid())
            PLACING substring(int8send((extract(epoch FROM clock_timestamp()) * 1000)::bigint) FROM 3)
            FROM 1 FOR 6), 52, 1), 53, 1),
        'hex')::uuid
$$;

CREATE TABLE partners (
    id              uuid PRIMARY KEY,
    slug            text COLLATE "C" NOT NULL UNIQUE,
    name            text NOT NULL,
    adapter         text NOT NULL,
    settings        jsonb NOT NULL DEFAULT '{}',
    sealed_settings bytea,                       -- sealed {"name": "value"}: the values of the settings' headers
    contact_allowed boolean NOT NULL DEFAULT false,
    callback        bytea,                       -- sealed {"scheme","secrets","public_keys","access_token"}
    version         bigint NOT NULL DEFAULT 1,   -- bumped by every change
    created_at      timestamptz NOT NULL DEFAULT now(),
    changed_at      timestamptz NOT NULL DEFAULT now()
);
COMMENT ON TABLE partners IS 'A partner is a row; its dialect is code. Never deleted.';

-- The reserved partner: owns the endpoints of the platform and of the operators.
INSERT INTO partners (id, slug, name, adapter)
VALUES (new_uuid_v7(), 'platform', 'Platform', 'standard');

CREATE TABLE api_keys (
    id         uuid PRIMARY KEY,
    hash       bytea NOT NULL UNIQUE CHECK (octet_length(hash) = 32),
    role       text NOT NULL CHECK (role IN ('platform', 'partner', 'operator')),
    partner    uuid REFERENCES partners,
    label      text NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    revoked_at timestamptz,
    CHECK ((role = 'partner') = (partner IS NOT NULL))
);

CREATE TABLE endpoints (
    id              uuid PRIMARY KEY,
    partner         uuid NOT NULL REFERENCES partners,
    shard           smallint NOT NULL CHECK (shard BETWEEN 0 AND 63),
    url             text NOT NULL,               -- as it is shown: *** for what is secret in it
    sealed_url      bytea,                       -- sealed, the whole of it, where it holds a secret
    url_saved_by    text NOT NULL CHECK (url_saved_by IN ('operator', 'partner')),
    event_types     text[] NOT NULL CHECK (cardinality(event_types) > 0),
    headers         bytea,                       -- sealed {"name": "value"}
    header_names    text[] NOT NULL DEFAULT '{}',
    retry           bigint[],                    -- seconds; null = the gateway's default
    max_in_flight   integer NOT NULL DEFAULT 64 CHECK (max_in_flight BETWEEN 1 AND 1000),
    rate_per_second double precision CHECK (rate_per_second > 0),
    status          text NOT NULL DEFAULT 'enabled' CHECK (status IN ('enabled', 'disabled')),
    status_reason   text CHECK (status_reason IN ('operator', 'gone', 'failing')),
    circuit         text NOT NULL DEFAULT 'closed' CHECK (circuit IN ('closed', 'open', 'half_open')),
    failing_since   timestamptz,
    version         bigint NOT NULL DEFAULT 1,   -- bumped by every change that an owner must hear of
    created_at      timestamptz NOT NULL DEFAULT now(),
    changed_at      timestamptz NOT NULL DEFAULT now(),
    deleted_at      timestamptz,
    CHECK ((status = 'disabled') = (status_reason IS NOT NULL))
);
CREATE INDEX endpoints_of_partner ON endpoints (partner, id) WHERE deleted_at IS NULL;
CREATE INDEX endpoints_of_shard ON endpoints (shard);
CREATE INDEX endpoints_changed ON endpoints (changed_at);

CREATE TABLE endpoint_keys (
    id          uuid PRIMARY KEY,
    endpoint    uuid NOT NULL REFERENCES endpoints,
    kind        text NOT NULL CHECK (kind IN ('shared', 'ed25519')),
    secret      bytea NOT NULL,                  -- sealed whsec_… or whsk_…
    valid_until timestamptz,                     -- null = the current key of its kind
    created_at  timestamptz NOT NULL DEFAULT now()
);
CREATE UNIQUE INDEX endpoint_keys_current ON endpoint_keys (endpoint, kind) WHERE valid_until IS NULL;
CREATE INDEX endpoint_keys_of_endpoint ON endpoint_keys (endpoint, created_at);

-- The gateway's own keys, which sign for every endpoint whose dialect finds our public key by our profile.
CREATE TABLE signing_keys (
    id          uuid PRIMARY KEY,
    secret      bytea NOT NULL,                  -- sealed es256_…
    signs_from  timestamptz NOT NULL,            -- published before: receivers keep copies of the profile
    valid_until timestamptz,                     -- null = the newest key
    created_at  timestamptz NOT NULL DEFAULT clock_timestamp()
);
CREATE UNIQUE INDEX signing_keys_newest ON signing_keys ((valid_until IS NULL)) WHERE valid_until IS NULL;

CREATE TABLE orders (
    id           uuid PRIMARY KEY,
    platform_id  text COLLATE "C" NOT NULL UNIQUE,
    content_hash bytea NOT NULL CHECK (octet_length(content_hash) = 32),
    body         text NOT NULL,                  -- canonical JSON
    test         boolean NOT NULL,
    status       text NOT NULL DEFAULT 'confirmed' CHECK (status IN ('confirmed', 'cancelled')),
    cancelled_at timestamptz,
    cancel_reason text,                          -- null after redaction
    redacted_at  timestamptz,
    created_at   timestamptz NOT NULL DEFAULT now(),
    CHECK ((status = 'cancelled') = (cancelled_at IS NOT NULL)),
    CHECK (cancel_reason IS NULL OR cancelled_at IS NOT NULL)
);

CREATE TABLE refunds (
    order_id     uuid NOT NULL REFERENCES orders ON DELETE CASCADE,
    refund_id    text COLLATE "C" NOT NULL,
    body         text NOT NULL,                  -- JSON
    event        uuid NOT NULL,                  -- what told of it: a repeated request is answered with it
    created_at   timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (order_id, refund_id)
);

CREATE TABLE events (
    id         uuid PRIMARY KEY,
    order_id   uuid,
    partner    uuid NOT NULL,
    sequence   integer CHECK (sequence > 0),     -- from 1 without gaps per order and partner
    type       text NOT NULL,
    data       text NOT NULL,                    -- JSON object, this partner's share
    test       boolean NOT NULL DEFAULT false,
    created_at timestamptz NOT NULL DEFAULT now(),
    CHECK ((order_id IS NULL) = (sequence IS NULL))
);
CREATE UNIQUE INDEX events_in_order ON events (order_id, partner, sequence);
CREATE INDEX events_of_partner ON events (partner, created_at, id);

-- The subscriptions that hear of an event of this type. Whoever hears of orders hears that a buyer must be forgotten.
CREATE FUNCTION subscriptions_to(type text) RETURNS text[] LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT ARRAY['*', $1, split_part($1, '.', 1) || '.*'] || CASE WHEN $1 = 'buyer.redacted' THEN
        ARRAY['order.*', 'order.confirmed', 'order.cancelled', 'order.refunded', 'order.updated', 'order.fulfilled']
    ELSE '{}' END
$$;

-- Partners who were told to forget a buyer by nobody: somebody tells them by hand.
CREATE TABLE redaction_notices (
    event      uuid PRIMARY KEY,                 -- buyer.redacted
    order_id   uuid NOT NULL,
    partner    uuid NOT NULL REFERENCES partners,
    reason     text NOT NULL CHECK (reason IN ('no_words', 'no_endpoint')),
    created_at timestamptz NOT NULL DEFAULT now(),
    told_at    timestamptz                       -- null: still to be told
);
CREATE INDEX redaction_notices_open ON redaction_notices (event) WHERE told_at IS NULL;

CREATE TABLE nodes (
    id          uuid PRIMARY KEY,
    until       timestamptz NOT NULL,
    settings    jsonb NOT NULL DEFAULT '{}',     -- by name, what all nodes should have alike; of secrets a digest
    master_keys bytea[] NOT NULL DEFAULT '{}'    -- ids of those that it can open, the one that it seals with first
);

-- Opened by every node that starts: it has the right master key.
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

-- The form of a temporary table of that name, by which a session checks that there is room on the disk. Always empty.
CREATE TABLE write_check (
    filler text NOT NULL
);

-- Open deliveries, and only these. `opened_at` is when it was created or last
-- replayed: it begins the 30 days that a delivery may stay open, and names the
-- partition in which its end is filed (the creation day may be gone by then).
CREATE TABLE deliveries (
    id         uuid PRIMARY KEY,
    event      uuid NOT NULL,
    endpoint   uuid NOT NULL,
    partner    uuid NOT NULL,
    order_id   uuid,
    sequence   integer,
    shard      smallint NOT NULL,
    attempts   integer NOT NULL DEFAULT 0 CHECK (attempts >= 0),
    tries      integer NOT NULL DEFAULT 0 CHECK (tries >= 0), -- attempts since opened_at: where the retry schedule stands
    due_at     timestamptz NOT NULL DEFAULT now(),
    created_at timestamptz NOT NULL DEFAULT now(),
    opened_at  timestamptz NOT NULL DEFAULT now(),
    replay     uuid,                             -- the replay job that reopened it
    last_error text
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

-- Every delivery, wherever it is: a snapshot sees each of them once, because each move is one statement.
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

-- Whether this endpoint has accepted a later event of the same order: what comes before it must not be
-- replayed unasked, or a confirmation would ship a cancelled order. The record of an acceptance is kept
-- for 30 days; an older event that is neither open nor dead counts as accepted, to be on the safe side.
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

-- One partition a day, made ahead by the gateway, dropped when its days are over.
-- No default partition: rows there would stop the next day's partition from being made.
-- Made apart and then attached, because CREATE TABLE … PARTITION OF locks out every reader and writer of the
-- parent: behind one long reader, nothing could be recorded. The lock lets both pass and serialises the makers.
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
    who                text NOT NULL,
    owner              uuid,                     -- the partner whose key made it; null for operators'
    status             text NOT NULL DEFAULT 'running'
                       CHECK (status IN ('running', 'paused', 'done', 'cancelled')),
    bound_at           timestamptz NOT NULL,     -- frozen when made: nothing later is touched
    next_at            timestamptz NOT NULL DEFAULT now(), -- the rate: no slice before this
    matched            bigint NOT NULL,
    enqueued           bigint NOT NULL DEFAULT 0,
    skipped            bigint NOT NULL DEFAULT 0,
    delivered          bigint NOT NULL DEFAULT 0,
    dead               bigint NOT NULL DEFAULT 0,
    created_at         timestamptz NOT NULL DEFAULT now(),
    changed_at         timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX replays_running ON replays (id) WHERE status = 'running';

-- A job walks each endpoint by itself, so that one without room never holds up the others.
CREATE TABLE replay_targets (
    replay    uuid NOT NULL REFERENCES replays ON DELETE CASCADE,
    endpoint  uuid NOT NULL,
    cursor_at timestamptz NOT NULL,              -- for `missing`: the time of the event at `cursor`
    cursor    uuid NOT NULL DEFAULT '00000000-0000-0000-0000-000000000000', -- the last event that a slice has passed
    looked_at timestamptz NOT NULL DEFAULT now(),
    done      boolean NOT NULL DEFAULT false,
    PRIMARY KEY (replay, endpoint)
);
CREATE INDEX replay_targets_turn ON replay_targets (replay, looked_at, endpoint) WHERE NOT done;

-- What partners send back.

-- Stored before it is answered, once per partner and key, in canonical words: the raw body is kept nowhere.
CREATE TABLE callbacks (
    id          uuid PRIMARY KEY,
    partner     uuid NOT NULL REFERENCES partners,
    key         text COLLATE "C" NOT NULL,       -- the partner's own name of the message: a second one is a duplicate
    content     text NOT NULL,                   -- JSON
    theirs      text COLLATE "C",                -- the order, where it is named by the partner's own id
    order_id    uuid,                            -- once it is found
    state       text NOT NULL DEFAULT 'received'
                CHECK (state IN ('received', 'unmatched', 'applied', 'ignored', 'failed')),
    detail      text CHECK (detail IN ('outdated', 'order_unknown', 'unreadable')),
    tries       integer NOT NULL DEFAULT 0,
    due_at      timestamptz DEFAULT now(),       -- null = nothing left to do
    received_at timestamptz NOT NULL DEFAULT now(),
    settled_at  timestamptz,
    CHECK ((due_at IS NULL) = (state IN ('applied', 'ignored', 'failed'))),
    CHECK ((state IN ('ignored', 'failed')) = (detail IS NOT NULL))
);
CREATE UNIQUE INDEX callbacks_of_partner ON callbacks (partner, key);
CREATE INDEX callbacks_due ON callbacks (due_at, id) WHERE due_at IS NOT NULL;
CREATE INDEX callbacks_of_order ON callbacks (order_id, id) WHERE order_id IS NOT NULL;
CREATE INDEX callbacks_unmatched ON callbacks (partner, theirs) WHERE state = 'unmatched';

-- What came unsigned: a hint to ask the partner's own records. Gone when they were asked.
CREATE TABLE callback_hints (
    id         uuid PRIMARY KEY,
    partner    uuid NOT NULL REFERENCES partners,
    question   text COLLATE "C" NOT NULL,        -- the record's URL: two hints with the same question need one answer
    request    bytea NOT NULL,                   -- sealed {"url","headers","body"}: it names the buyer
    theirs     text COLLATE "C" NOT NULL,        -- the partner's own id of what it is about
    version    bigint NOT NULL DEFAULT 1,        -- grows with each hint: one that comes while we ask, asks again
    tries      integer NOT NULL DEFAULT 0,
    due_at     timestamptz NOT NULL DEFAULT now(),
    created_at timestamptz NOT NULL DEFAULT now()
);
CREATE UNIQUE INDEX callback_hints_of_partner ON callback_hints (partner, question);
CREATE INDEX callback_hints_due ON callback_hints (due_at, id);

-- What it comes to, per order and partner.
CREATE TABLE order_reports (
    order_id   uuid NOT NULL,
    partner    uuid NOT NULL,
    facts      text NOT NULL,                    -- JSON: everything that was said
    report     text NOT NULL,                    -- JSON: how things stand by it, as the platform is told
    changed_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (order_id, partner)
);

-- How many pieces are left, by the partner's own item id.
CREATE TABLE stock_reports (
    partner  uuid NOT NULL,
    item_id  text COLLATE "C" NOT NULL,
    quantity bigint NOT NULL CHECK (quantity >= 0),
    at       timestamptz NOT NULL,
    PRIMARY KEY (partner, item_id)
);

-- What a partner calls an order that it accepted.
CREATE TABLE acknowledgements (
    order_id  uuid NOT NULL,
    partner   uuid NOT NULL,
    theirs    text COLLATE "C",
    number    text,
    permalink text,
    delivery  uuid NOT NULL,
    at        timestamptz NOT NULL,
    PRIMARY KEY (order_id, partner)
);
CREATE INDEX acknowledgements_theirs ON acknowledgements (partner, theirs) WHERE theirs IS NOT NULL;

CREATE TABLE audit (
    id      bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    at      timestamptz NOT NULL DEFAULT now(),
    who     text NOT NULL,                       -- the label of the key
    key     uuid,                                -- null: a key of the environment
    role    text NOT NULL CHECK (role IN ('platform', 'partner', 'operator')),
    partner text COLLATE "C",                    -- the slug of the partner whose key it is
    action  text NOT NULL,
    subject text NOT NULL,
    details jsonb NOT NULL DEFAULT '{}'
);
CREATE INDEX audit_by_subject ON audit (subject, id);
CREATE INDEX audit_by_time ON audit (at, id);
CREATE INDEX audit_of_subject ON audit (subject, id);

-- The catalog: what partners sell, and the feeds that said so.

-- One feed a partner. The row is the lock under which its live catalog changes.
CREATE TABLE feeds (
    partner uuid PRIMARY KEY REFERENCES partners,
    version bigint NOT NULL DEFAULT 0,           -- moved by every applied run
    live    bigint NOT NULL DEFAULT 0 CHECK (live >= 0), -- products that are not missing and not gone
    changed_at timestamptz                       -- of the last applied run: the same as its products'
);

CREATE TABLE feed_runs (
    id           uuid PRIMARY KEY,
    partner      uuid NOT NULL REFERENCES partners,
    mode         text NOT NULL CHECK (mode IN ('full', 'upsert', 'inventory', 'supplemental')),
    dry_run      boolean NOT NULL,
    status       text NOT NULL DEFAULT 'queued' CHECK (status IN
                 ('queued', 'running', 'applied', 'held', 'failed', 'dry_run', 'discarded', 'superseded')),
    reason       text,
    format       text,
    items        text,                           -- JSON: the counts, once they are known
    findings     text,                           -- JSON: what was found, code by code
    changes      text,                           -- JSON: what is new and what is fixed since the run before
    bytes        bigint NOT NULL,
    sha256       bytea NOT NULL CHECK (octet_length(sha256) = 32),
    who          text NOT NULL,
    base_version bigint,                         -- the catalog's version that a held run was compared with
    reading      bytea,                          -- digest of all that decides how the bytes are read
    left_version bigint,                         -- the catalog's version that it left, when it was applied
    same_as      uuid REFERENCES feed_runs ON DELETE SET NULL, -- whose findings it has, when it was not read
    node         uuid,                           -- whose disk holds the feed
    until        timestamptz,                    -- its node lives at least so long; behind it the run is lost
    created_at   timestamptz NOT NULL DEFAULT now(),
    started_at   timestamptz,
    finished_at  timestamptz,
    CHECK ((status IN ('queued', 'running')) = (until IS NOT NULL)),
    CHECK ((status IN ('queued', 'running')) = (finished_at IS NULL))
);
CREATE INDEX feed_runs_of_partner ON feed_runs (partner, id);
-- Runs of one feed cannot interleave, on whatever nodes they are.
CREATE UNIQUE INDEX feed_runs_one_running ON feed_runs (partner) WHERE status = 'running';
CREATE INDEX feed_runs_open ON feed_runs (partner, id) WHERE status IN ('queued', 'running');
CREATE INDEX feed_runs_left ON feed_runs (partner, left_version) WHERE left_version IS NOT NULL;
CREATE INDEX feed_runs_same_as ON feed_runs (same_as) WHERE same_as IS NOT NULL;

CREATE TABLE feed_issues (
    run       uuid NOT NULL REFERENCES feed_runs ON DELETE CASCADE,
    n         integer NOT NULL,                  -- in the order in which they were found
    code      text NOT NULL,
    attribute text,
    line      bigint,
    item_id   text,
    value     text,
    PRIMARY KEY (run, n)
);

-- One row per item that can be sold. What is gone stays, so that it is the same product when it comes back.
CREATE TABLE products (
    id           uuid PRIMARY KEY,
    partner      uuid NOT NULL,
    item_id      text COLLATE "C" NOT NULL,
    group_key    text COLLATE "C",
    search       text COLLATE "C" NOT NULL,      -- for `q`, composed and in lower case: the title, and an id that is not ASCII
    price        bigint NOT NULL,                -- minor units
    currency     text NOT NULL,
    availability text NOT NULL,                  -- as offered: out_of_stock as soon as it cannot be bought
    category     text,
    item         text NOT NULL,                  -- canonical JSON, the last good data
    content_hash bytea NOT NULL,
    raw_hash     bytea,                          -- of the record that said so; null: it must be read again
    gtins        text,                           -- with blanks between
    page_hash    bigint,                         -- of its link, if it has a group: variants should not share one
    traits_hash  bigint,                         -- of what the variants of its group should agree in
    sketch       bytea NOT NULL CHECK (octet_length(sketch) = 16), -- of its title and its link's host: is it the same thing?
    blocked      boolean NOT NULL DEFAULT false, -- the last feed's data is bad: shown to nobody as buyable
    image_refused boolean NOT NULL DEFAULT false, -- its main picture was looked at twice and is none
    missing_runs smallint NOT NULL DEFAULT 0,    -- full feeds in a row that did not have it
    gone_at      timestamptz,
    version      bigint NOT NULL DEFAULT 1,
    created_at   timestamptz NOT NULL DEFAULT now(),
    changed_at   timestamptz NOT NULL DEFAULT now(),
    CHECK (raw_hash IS NULL OR NOT blocked AND missing_runs = 0 AND gone_at IS NULL)
);
-- With the raw hashes, so that a run gets them all without reading a row, with the GTINs of the rows that have one,
-- which have no index of their own either, and with what `q` is looked for in, so that a search reads no row but those
-- that it finds. (Trigrams in a GIN index would double the time of a first load, and need an extension.) No index finds a row by its raw hash: hashes come in random order, and
-- such an index costs a first load a third of its time.
CREATE UNIQUE INDEX products_of_partner ON products (partner, item_id) INCLUDE (raw_hash, gtins, search, gone_at);
CREATE INDEX products_unread ON products (partner) WHERE raw_hash IS NULL AND gone_at IS NULL;
CREATE INDEX products_of_group ON products (partner, group_key) WHERE group_key IS NOT NULL;

-- The shape of what a run has read; each run fills a temporary table of this name and shape, which hides this one.
-- kind: 0 an item, 1 a bad row, 2 an id that came more than once, 3 to be removed,
-- 4 a product whose record was not read again, 5 a record that is of no use here.
CREATE TABLE feed_staged (
    n            bigint NOT NULL,
    line         bigint NOT NULL,
    kind         smallint NOT NULL,
    item_id      text COLLATE "C",
    group_key    text COLLATE "C",
    price        bigint,
    currency     text,
    content_hash bytea,
    raw_hash     bytea,
    gtins        text,
    page_hash    bigint,
    traits_hash  bigint,
    url          text,                           -- if it has a group: others may have it too
    supplement   text,                           -- JSON: what a supplemental feed says of it
    sketch       bytea,
    buyable      boolean
);
-- What items say, for those that a run changes; filled as `feed_staged` is. New ones go straight into `products`.
CREATE TABLE feed_contents (
    n            bigint NOT NULL,
    raw_hash     bytea,
    item_id      text COLLATE "C" NOT NULL,
    group_key    text COLLATE "C",
    search       text COLLATE "C" NOT NULL,
    price        bigint NOT NULL,
    currency     text NOT NULL,
    availability text NOT NULL,
    category     text,
    item         text NOT NULL,
    content_hash bytea NOT NULL,
    gtins        text,
    page_hash    bigint,
    traits_hash  bigint,
    sketch       bytea NOT NULL
);
-- What the last supplemental feed says of items, over what the main feed says of them.
CREATE TABLE feed_supplements (
    partner uuid NOT NULL REFERENCES partners,
    item_id text COLLATE "C" NOT NULL,
    fields  text NOT NULL,                       -- JSON
    PRIMARY KEY (partner, item_id)
);
-- Raw hashes of live rows that the feed did not repeat; filled as `feed_staged` is.
CREATE TABLE feed_unseen (raw_hash bytea NOT NULL);
-- What only shows across items, by the place of the item that is told of it; filled as `feed_staged` is.
CREATE TABLE feed_doubts (
    n    bigint NOT NULL,
    code text NOT NULL,
    gtin text                                    -- the one that others have too
);
-- What a run would do, product by product; filled as `feed_staged` is.
-- action: insert, update, describe (by a supplement), touch (only the raw hash), same, block, miss, remove.
CREATE TABLE feed_plan (
    action   text NOT NULL,
    product  uuid NOT NULL,
    n        bigint,
    repriced boolean NOT NULL DEFAULT false,     -- by more than half
    jumped   boolean NOT NULL DEFAULT false,     -- its price, to more than five times or less than a fifth
    stopped  boolean NOT NULL DEFAULT false,     -- it could be bought, and cannot be any more
    moved    boolean NOT NULL DEFAULT false,     -- its link, to another host
    renamed  boolean NOT NULL DEFAULT false,     -- its title, perhaps beyond recognition: as far as a sketch tells
    another  boolean NOT NULL DEFAULT false,     -- its id names another thing from now on
    gained   boolean NOT NULL DEFAULT false,     -- it is live from now on
    lost     boolean NOT NULL DEFAULT false      -- it was live
);
-- What held runs have read and would do, until they are approved, discarded or superseded.
CREATE TABLE feed_held_staged (LIKE feed_staged, run uuid NOT NULL);
CREATE INDEX feed_held_staged_of_run ON feed_held_staged (run);
CREATE TABLE feed_held_contents (LIKE feed_contents, run uuid NOT NULL);
CREATE INDEX feed_held_contents_of_run ON feed_held_contents (run);
CREATE TABLE feed_held_plan (LIKE feed_plan, run uuid NOT NULL);
CREATE INDEX feed_held_plan_of_run ON feed_held_plan (run);

-- Pictures: what lies at the addresses of products' main images, looked at aside from the feeds.

-- One row an address, whoever uses it.
CREATE TABLE images (
    hash       bytea PRIMARY KEY CHECK (octet_length(hash) = 16), -- the first half of the address's SHA-256
    url        text NOT NULL,
    host       text COLLATE "C" NOT NULL,
    status     text NOT NULL DEFAULT 'unchecked' CHECK (status IN ('unchecked', 'good', 'bad', 'unreachable')),
    why        text,                             -- a code of the vocabulary, or what stood in the way
    kind       text,
    width      integer,                          -- pixels
    height     integer,
    bytes      bigint,                           -- of the whole file, where its server says so
    etag       text,
    bad_times  smallint NOT NULL DEFAULT 0,      -- definite answers in a row that there is no usable picture; two refuse it
    missed     smallint NOT NULL DEFAULT 0,      -- looks in a row that told nothing
    checked_at timestamptz,
    next_at    timestamptz NOT NULL DEFAULT now(),
    unsettled  boolean NOT NULL DEFAULT false,   -- products may not yet know whether it is refused
    CHECK ((status = 'bad') = (bad_times > 0))
);
CREATE INDEX images_of_host ON images (host, next_at);
CREATE INDEX images_by_status ON images (status, hash);
CREATE INDEX images_unsettled ON images (hash) WHERE unsettled;

-- Whom we are polite to: one node at a time asks a host, under a lease that ends at `next_at`.
CREATE TABLE image_hosts (
    host    text COLLATE "C" PRIMARY KEY,
    next_at timestamptz NOT NULL DEFAULT now(),
    failing smallint NOT NULL DEFAULT 0,         -- looks in a row at which it did not answer
    lease   uuid                                 -- of who is asking it now
);
CREATE INDEX image_hosts_due ON image_hosts (next_at);

-- Which product has which picture as its main one, as far as the walks have come.
CREATE TABLE image_uses (
    product uuid PRIMARY KEY,
    partner uuid NOT NULL,
    image   bytea NOT NULL REFERENCES images,
    refused boolean NOT NULL                     -- what the product was told of the picture
);
CREATE INDEX image_uses_of_image ON image_uses (image, partner, refused);
CREATE INDEX image_uses_of_partner ON image_uses (partner, image);
CREATE INDEX image_uses_refused ON image_uses (partner) WHERE refused;

-- How far each catalog was walked for pictures.
CREATE TABLE image_walks (
    partner   uuid PRIMARY KEY REFERENCES partners,
    since     timestamptz NOT NULL DEFAULT '-infinity', -- what changed until then was walked
    target    timestamptz,                       -- the `feeds.changed_at` of the walk that is going on
    after     text COLLATE "C" NOT NULL DEFAULT '', -- the item where it stands
    looked_at timestamptz NOT NULL DEFAULT '-infinity'
);

-- Buyable tweets.

-- How a post stands is decided in one place (schemas/post/settle.rs); these are the bounds of it.
CREATE TABLE posts (
    id              uuid PRIMARY KEY,
    slug            text COLLATE "C" NOT NULL,
    product         uuid NOT NULL,
    partner         uuid NOT NULL,               -- the product's
    rule            uuid,                        -- by which it was made
    state           text NOT NULL
                    CHECK (state IN ('draft', 'scheduled', 'live', 'sold_out', 'ended', 'withdrawn')),
    reason          text,                        -- why it is sold out or withdrawn
    text            text NOT NULL,
    weighted_length integer NOT NULL CHECK (weighted_length BETWEEN 1 AND 280),
    template        text,                        -- null: the text was given and is never composed
    url             text NOT NULL,               -- where it is bought from, as its text says
    card            text NOT NULL,               -- JSON: what is shown of the product
    rollout         text NOT NULL,               -- JSON: who may buy
    publish         text[] NOT NULL,
    publications    text NOT NULL,               -- JSON: where it has left to
    starts_at       timestamptz,
    ends_at         timestamptz,
    next_at         timestamptz,                 -- when it next changes by itself
    version         bigint NOT NULL DEFAULT 1,
    created_at      timestamptz NOT NULL,
    published_at    timestamptz,
    changed_at      timestamptz NOT NULL,
    -- Its place in the timeline.
    shown_at        timestamptz GENERATED ALWAYS AS (greatest(published_at, starts_at)) STORED,
    CHECK (starts_at < ends_at),
    CHECK (state IN ('draft', 'withdrawn') OR published_at IS NOT NULL),
    CHECK (state <> 'scheduled' OR starts_at IS NOT NULL AND next_at IS NOT NULL),
    CHECK (state <> 'ended' OR ends_at IS NOT NULL),
    CHECK ((state IN ('sold_out', 'withdrawn')) = (reason IS NOT NULL))
);
CREATE UNIQUE INDEX posts_slug ON posts (slug);
CREATE INDEX posts_of_product ON posts (product, id);
CREATE INDEX posts_of_partner ON posts (partner, id);
CREATE INDEX posts_of_state ON posts (state, id);
CREATE INDEX posts_of_rule ON posts (rule, product) WHERE rule IS NOT NULL;
CREATE INDEX posts_due ON posts (next_at, id) WHERE next_at IS NOT NULL;
CREATE INDEX posts_timeline ON posts (shown_at, id) WHERE state = 'live';

-- Where feeds are pulled from.

CREATE TABLE feed_sources (
    partner       uuid PRIMARY KEY REFERENCES partners,
    url           text NOT NULL,                 -- as it is shown: *** for what is secret in it
    sealed_url    bytea,                         -- sealed, the whole of it, where it holds a secret
    url_saved_by  text NOT NULL CHECK (url_saved_by IN ('operator', 'partner')),
    every_minutes integer NOT NULL CHECK (every_minutes BETWEEN 15 AND 10080),
    mode          text NOT NULL CHECK (mode IN ('full', 'upsert', 'inventory')),
    format        text,
    credentials   text CHECK (credentials IN ('basic', 'bearer')),
    header_names  text[] NOT NULL DEFAULT '{}',  -- what may be shown of the headers
    headers       bytea,                         -- sealed: names and values, the credentials among them
    next_at       timestamptz NOT NULL DEFAULT now(),
    claim         uuid,                          -- the pull that is under way; only it may end itself
    until         timestamptz,                   -- it lives at least so long
    failures      integer NOT NULL DEFAULT 0,    -- pulls in a row that came to nothing
    run           uuid,                          -- of the last pull that ended
    etag          text,                          -- of the document that this run has read
    last_modified text,
    reading       bytea,                         -- digest of all but the transport's words that decided how it was read
    last_at       timestamptz,
    created_at    timestamptz NOT NULL DEFAULT now(),
    CHECK ((claim IS NULL) = (until IS NULL))
);
CREATE INDEX feed_sources_due ON feed_sources (next_at);

-- Shops: what a merchant shows of its catalog, in its own order. Off until it says otherwise.

CREATE TABLE shops (
    partner    uuid PRIMARY KEY REFERENCES partners,
    enabled    boolean NOT NULL DEFAULT false,
    items      text[] NOT NULL DEFAULT '{}' CHECK (cardinality(items) <= 50), -- the partner's own ids
    changed_at timestamptz NOT NULL DEFAULT now()
);

-- Standing rules: what comes to match later gets a post too.

CREATE TABLE post_rules (
    id         uuid PRIMARY KEY,
    name       text NOT NULL,
    partner    uuid REFERENCES partners,             -- whose items it means; null: everybody's
    terms      text NOT NULL,                        -- JSON: which items, and what their posts are like
    existing   boolean NOT NULL,                     -- whether what was there before it is meant too
    enabled    boolean NOT NULL DEFAULT true,
    created_at timestamptz NOT NULL DEFAULT now(),
    changed_at timestamptz NOT NULL DEFAULT now()
);

-- How far a rule has looked at a catalog. A pass looks at the whole of it, in steps.
CREATE TABLE post_rule_cursors (
    rule       uuid NOT NULL REFERENCES post_rules ON DELETE CASCADE,
    partner    uuid NOT NULL,
    version    bigint NOT NULL DEFAULT 0,            -- of the catalog, up to which all was looked at
    passing    bigint,                               -- of the catalog, when the pass under way began
    after      text COLLATE "C" NOT NULL,            -- the item up to which that pass has come
    began_at   timestamptz NOT NULL DEFAULT now(),   -- when that pass began
    since      timestamptz NOT NULL DEFAULT to_timestamp(0), -- what has not changed since was looked at before
    stepped_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (rule, partner)
);

-- What a rule has decided on: each item once, whatever becomes of its post.
CREATE TABLE post_rule_items (
    rule    uuid NOT NULL REFERENCES post_rules ON DELETE CASCADE,
    product uuid NOT NULL,
    post    uuid,                                    -- null: left alone, as it had a post or was there before
    PRIMARY KEY (rule, product)
);
