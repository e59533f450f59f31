-- Buyable tweets, shops, and the rules that create posts.

-- The state of a post is decided in one place (schemas/post/settle.rs); the CHECKs are its bounds.
CREATE TABLE posts (
    id              uuid PRIMARY KEY,
    slug            text COLLATE "C" NOT NULL,
    product         uuid NOT NULL,
    partner         uuid NOT NULL,               -- the product's
    rule            uuid,                        -- that created it
    state           text NOT NULL
                    CHECK (state IN ('draft', 'scheduled', 'live', 'sold_out', 'ended', 'withdrawn')),
    reason          text,                        -- why it is sold out or withdrawn
    text            text NOT NULL,
    weighted_length integer NOT NULL CHECK (weighted_length BETWEEN 1 AND 280),
    template        text,                        -- null: the text was given and is never composed
    url             text NOT NULL,               -- where to buy it, as in its text
    card            text NOT NULL,               -- JSON: what is shown of the product
    rollout         text NOT NULL,               -- JSON: who may buy
    publish         text[] NOT NULL,
    publications    text NOT NULL,               -- JSON: per publisher
    starts_at       timestamptz,
    ends_at         timestamptz,
    next_at         timestamptz,                 -- when its state next changes by time alone
    version         bigint NOT NULL DEFAULT 1,
    created_at      timestamptz NOT NULL,
    published_at    timestamptz,
    updated_at      timestamptz NOT NULL,
    -- Its position in the timeline.
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

-- What a merchant shows of its catalog, in its own order. Off until the merchant enables it.
CREATE TABLE shops (
    partner    uuid PRIMARY KEY REFERENCES partners,
    enabled    boolean NOT NULL DEFAULT false,
    items      text[] NOT NULL DEFAULT '{}' CHECK (cardinality(items) <= 50), -- the partner's own item ids
    updated_at timestamptz NOT NULL DEFAULT now()
);

-- Rules create posts for items that match now or later.
CREATE TABLE post_rules (
    id         uuid PRIMARY KEY,
    name       text NOT NULL,
    partner    uuid REFERENCES partners,             -- null: the items of all partners
    spec      text NOT NULL,                        -- JSON: which items, and what their posts are like
    existing   boolean NOT NULL,                     -- whether items that existed before it count too
    enabled    boolean NOT NULL DEFAULT true,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now()
);

-- How far a rule has scanned a catalog. A pass scans the complete catalog in steps.
CREATE TABLE post_rule_cursors (
    rule       uuid NOT NULL REFERENCES post_rules ON DELETE CASCADE,
    partner    uuid NOT NULL,
    version    bigint NOT NULL DEFAULT 0,        -- the catalog version of the last complete pass
    passing    bigint,                           -- the catalog version at the start of the current pass
    after      text COLLATE "C" NOT NULL,        -- the last item of the current pass
    began_at   timestamptz NOT NULL DEFAULT now(), -- start of the current pass
    since      timestamptz NOT NULL DEFAULT to_timestamp(0), -- items unchanged since then were scanned before
    stepped_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (rule, partner)
);

-- What a rule has decided for each item, once.
CREATE TABLE post_rule_items (
    rule    uuid NOT NULL REFERENCES post_rules ON DELETE CASCADE,
    product uuid NOT NULL,
    post    uuid,                                -- null: no post, because it had one or existed before the rule
    PRIMARY KEY (rule, product)
);
