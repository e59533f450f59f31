-- The catalog: feeds, their runs and sources, products, images.

-- One feed per partner. The live catalog changes only under a lock on this row.
CREATE TABLE feeds (
    partner    uuid PRIMARY KEY REFERENCES partners,
    version    bigint NOT NULL DEFAULT 0,        -- grows with every applied run
    live       bigint NOT NULL DEFAULT 0 CHECK (live >= 0), -- products that are neither missing nor removed
    updated_at timestamptz                       -- of the last applied run; equal to its products'
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
    items        text,                           -- JSON: the counts, once known
    findings     text,                           -- JSON: findings by code
    changes      text,                           -- JSON: new and fixed findings since the previous run
    bytes        bigint NOT NULL,
    sha256       bytea NOT NULL CHECK (octet_length(sha256) = 32),
    actor          text NOT NULL,
    base_version bigint,                         -- the catalog version that a held run was compared with
    reader_digest      bytea,                          -- digest of everything that decides how the bytes are read
    resulting_version bigint,                         -- the catalog version after it was applied
    identical_to      uuid REFERENCES feed_runs ON DELETE SET NULL, -- the run with the same bytes whose findings this one has
    node         uuid,                           -- the node whose disk holds the feed
    lease_expires_at        timestamptz,                    -- after this the run is lost
    created_at   timestamptz NOT NULL DEFAULT now(),
    started_at   timestamptz,
    finished_at  timestamptz,
    CHECK ((status IN ('queued', 'running')) = (lease_expires_at IS NOT NULL)),
    CHECK ((status IN ('queued', 'running')) = (finished_at IS NULL))
);
CREATE INDEX feed_runs_of_partner ON feed_runs (partner, id);
-- Runs of one feed cannot overlap, on any node.
CREATE UNIQUE INDEX feed_runs_one_running ON feed_runs (partner) WHERE status = 'running';
CREATE INDEX feed_runs_open ON feed_runs (partner, id) WHERE status IN ('queued', 'running');
CREATE INDEX feed_runs_resulting ON feed_runs (partner, resulting_version) WHERE resulting_version IS NOT NULL;
CREATE INDEX feed_runs_identical_to ON feed_runs (identical_to) WHERE identical_to IS NOT NULL;

CREATE TABLE feed_issues (
    run       uuid NOT NULL REFERENCES feed_runs ON DELETE CASCADE,
    n         integer NOT NULL,                  -- in the order they were found
    code      text NOT NULL,
    attribute text,
    line      bigint,
    item_id   text,
    value     text,
    PRIMARY KEY (run, n)
);

-- One row per item. A removed item keeps its row, so that it is the same product when it returns.
CREATE TABLE products (
    id           uuid PRIMARY KEY,
    partner      uuid NOT NULL,
    item_id      text COLLATE "C" NOT NULL,
    group_key    text COLLATE "C",
    search       text COLLATE "C" NOT NULL,      -- for `q`, NFC and lower case: the title, and an id that is not ASCII
    price        bigint NOT NULL,                -- minor units
    currency     text NOT NULL,
    availability text NOT NULL,                  -- as offered: out_of_stock as soon as it cannot be bought
    category     text,
    item         text NOT NULL,                  -- canonical JSON: the last valid data
    content_hash bytea NOT NULL,
    raw_hash     bytea,                          -- of its record; null: the record must be read again
    gtins        text,                           -- separated by blanks
    page_hash    bigint,                         -- of its link, if it has a group: variants should have links of their own
    traits_hash  bigint,                         -- of the attributes that variants should agree on
    sketch       bytea NOT NULL CHECK (octet_length(sketch) = 16), -- identity sketch of its title and its link's host
    blocked      boolean NOT NULL DEFAULT false, -- the last feed's data is invalid: never shown as buyable
    image_refused boolean NOT NULL DEFAULT false, -- its main image was checked twice and is unusable
    missing_runs smallint NOT NULL DEFAULT 0,    -- consecutive full feeds without it
    removed_at      timestamptz,
    version      bigint NOT NULL DEFAULT 1,
    created_at   timestamptz NOT NULL DEFAULT now(),
    updated_at   timestamptz NOT NULL DEFAULT now(),
    CHECK (raw_hash IS NULL OR NOT blocked AND missing_runs = 0 AND removed_at IS NULL)
);
-- Includes the raw hashes and the GTINs, so that a run reads them all without touching a row, and the search text,
-- so that a search touches only the rows it finds. (Trigrams in a GIN index would double the time of a first load
-- and need an extension.) Raw hashes have no index: they arrive in random order, and an index on them costs a first
-- load a third of its time.
CREATE UNIQUE INDEX products_of_partner ON products (partner, item_id) INCLUDE (raw_hash, gtins, search, removed_at);
CREATE INDEX products_unread ON products (partner) WHERE raw_hash IS NULL AND removed_at IS NULL;
CREATE INDEX products_of_group ON products (partner, group_key) WHERE group_key IS NOT NULL;

-- What a run has read. Each run fills a temporary table of this name and shape, which hides this one.
-- kind: 0 an item, 1 an invalid row, 2 a repeated id, 3 to be removed, 4 a product whose record is unchanged and
-- was not read, 5 a record without use here.
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
    url          text,                           -- if it has a group: other variants may have it too
    supplement   text,                           -- JSON: its attributes in a supplemental feed
    sketch       bytea,
    buyable      boolean
);
-- The contents of items that a run changes; temporary like `feed_staged`. New items go straight into `products`.
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
-- The attributes of the last supplemental feed, laid over those of the main feed.
CREATE TABLE feed_supplements (
    partner uuid NOT NULL REFERENCES partners,
    item_id text COLLATE "C" NOT NULL,
    fields  text NOT NULL,                       -- JSON
    PRIMARY KEY (partner, item_id)
);
-- Raw hashes of live products that the feed did not repeat; temporary like `feed_staged`.
CREATE TABLE feed_absent (raw_hash bytea NOT NULL);
-- Findings that only show across items, by the number of the record; temporary like `feed_staged`.
CREATE TABLE feed_conflicts (
    n    bigint NOT NULL,
    code text NOT NULL,
    gtin text                                    -- the GTIN that others have too
);
-- What a run would do to each product; temporary like `feed_staged`.
-- action: insert, update, describe (by a supplement), touch (only the raw hash), same, block, miss, remove.
CREATE TABLE feed_plan (
    action     text NOT NULL,
    product    uuid NOT NULL,
    n          bigint,
    repriced   boolean NOT NULL DEFAULT false,   -- price changed by more than half
    jumped     boolean NOT NULL DEFAULT false,   -- price changed to more than five times or less than a fifth
    stopped    boolean NOT NULL DEFAULT false,   -- it could be bought before
    moved      boolean NOT NULL DEFAULT false,   -- its link leads to another host
    renamed    boolean NOT NULL DEFAULT false,   -- its title changed beyond recognition, by its sketch
    reassigned boolean NOT NULL DEFAULT false,   -- its id now names another thing
    gained     boolean NOT NULL DEFAULT false,   -- it becomes live
    lost       boolean NOT NULL DEFAULT false    -- it is no longer live
);
-- What held runs have read and would do, until they are approved, discarded or superseded.
CREATE TABLE feed_held_staged (LIKE feed_staged, run uuid NOT NULL);
CREATE INDEX feed_held_staged_of_run ON feed_held_staged (run);
CREATE TABLE feed_held_contents (LIKE feed_contents, run uuid NOT NULL);
CREATE INDEX feed_held_contents_of_run ON feed_held_contents (run);
CREATE TABLE feed_held_plan (LIKE feed_plan, run uuid NOT NULL);
CREATE INDEX feed_held_plan_of_run ON feed_held_plan (run);

CREATE TABLE feed_sources (
    partner       uuid PRIMARY KEY REFERENCES partners,
    url           text NOT NULL,                 -- as shown: *** replaces each secret
    sealed_url    bytea,                         -- sealed: the complete URL, if it holds a secret
    url_saved_by  text NOT NULL CHECK (url_saved_by IN ('operator', 'partner')),
    every_minutes integer NOT NULL CHECK (every_minutes BETWEEN 15 AND 10080),
    mode          text NOT NULL CHECK (mode IN ('full', 'upsert', 'inventory')),
    format        text,
    credentials   text CHECK (credentials IN ('basic', 'bearer')),
    header_names  text[] NOT NULL DEFAULT '{}',  -- header names may be shown, values may not
    headers       bytea,                         -- sealed: names and values, credentials included
    next_at       timestamptz NOT NULL DEFAULT now(),
    claim         uuid,                          -- the current pull; only it may end itself
    claim_expires_at         timestamptz,                   -- after this the pull is lost
    failures      integer NOT NULL DEFAULT 0,    -- consecutive failed pulls
    run           uuid,                          -- of the last finished pull
    etag          text,                          -- of the document that this run read
    last_modified text,
    reader_digest       bytea,                         -- digest of everything but the bytes that decided how it was read
    last_pull_at       timestamptz,
    created_at    timestamptz NOT NULL DEFAULT now(),
    CHECK ((claim IS NULL) = (claim_expires_at IS NULL))
);
CREATE INDEX feed_sources_due ON feed_sources (next_at);

-- One row per URL, for all products that use it.
CREATE TABLE images (
    hash       bytea PRIMARY KEY CHECK (octet_length(hash) = 16), -- the first half of the URL's SHA-256
    url        text NOT NULL,
    host       text COLLATE "C" NOT NULL,
    status     text NOT NULL DEFAULT 'unchecked' CHECK (status IN ('unchecked', 'good', 'bad', 'unreachable')),
    reason        text,                             -- a finding code, or why the check failed
    kind       text,
    width      integer,                          -- pixels
    height     integer,
    bytes      bigint,                           -- of the complete file, if its server says so
    etag       text,
    bad_count  smallint NOT NULL DEFAULT 0,      -- consecutive answers that it is not a usable image; two refuse it
    inconclusive_count     smallint NOT NULL DEFAULT 0,      -- consecutive checks without a definite answer
    checked_at timestamptz,
    next_at    timestamptz NOT NULL DEFAULT now(),
    unsettled  boolean NOT NULL DEFAULT false,   -- its products do not show the last verdict yet
    CHECK ((status = 'bad') = (bad_count > 0))
);
CREATE INDEX images_of_host ON images (host, next_at);
CREATE INDEX images_by_status ON images (status, hash);
CREATE INDEX images_unsettled ON images (hash) WHERE unsettled;

-- One node at a time sends requests to a host, under a lease that ends at `next_at`.
CREATE TABLE image_hosts (
    host    text COLLATE "C" PRIMARY KEY,
    next_at timestamptz NOT NULL DEFAULT now(),
    failing smallint NOT NULL DEFAULT 0,         -- consecutive checks without an answer
    lease   uuid                                 -- of the node that sends requests now
);
CREATE INDEX image_hosts_due ON image_hosts (next_at);

-- The main image of each product, as far as the walks have come.
CREATE TABLE image_uses (
    product uuid PRIMARY KEY,
    partner uuid NOT NULL,
    image   bytea NOT NULL REFERENCES images,
    refused boolean NOT NULL                     -- what the product shows
);
CREATE INDEX image_uses_of_image ON image_uses (image, partner, refused);
CREATE INDEX image_uses_of_partner ON image_uses (partner, image);
CREATE INDEX image_uses_refused ON image_uses (partner) WHERE refused;

-- How far each catalog was walked for images.
CREATE TABLE image_walks (
    partner    uuid PRIMARY KEY REFERENCES partners,
    since      timestamptz NOT NULL DEFAULT '-infinity', -- changes up to this were walked
    target     timestamptz,                      -- the `feeds.updated_at` of the current walk
    after      text COLLATE "C" NOT NULL DEFAULT '', -- the last item of the current walk
    scanned_at timestamptz NOT NULL DEFAULT '-infinity'
);
