-- Orders and what happened to them.
--
-- Hot tables (orders, events, deliveries, delivered, attempts) carry no foreign keys: each would lock and probe a
-- second row for every order, and the single statement that writes them writes all of them or none.

CREATE TABLE orders (
    id            uuid PRIMARY KEY,
    platform_id   text COLLATE "C" NOT NULL UNIQUE,
    content_hash  bytea NOT NULL CHECK (octet_length(content_hash) = 32),
    body          text NOT NULL,                 -- canonical JSON
    test          boolean NOT NULL,
    status        text NOT NULL DEFAULT 'confirmed' CHECK (status IN ('confirmed', 'cancelled')),
    cancelled_at  timestamptz,
    cancel_reason text,                          -- null after redaction
    redacted_at   timestamptz,
    created_at    timestamptz NOT NULL DEFAULT now(),
    CHECK ((status = 'cancelled') = (cancelled_at IS NOT NULL)),
    CHECK (cancel_reason IS NULL OR cancelled_at IS NOT NULL)
);

CREATE TABLE refunds (
    order_id   uuid NOT NULL REFERENCES orders ON DELETE CASCADE,
    refund_id  text COLLATE "C" NOT NULL,
    body       text NOT NULL,                    -- JSON
    event      uuid NOT NULL,                    -- a repeated request is answered with this event
    created_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (order_id, refund_id)
);

CREATE TABLE events (
    id         uuid PRIMARY KEY,
    order_id   uuid,
    partner    uuid NOT NULL,
    sequence   integer CHECK (sequence > 0),     -- per order and partner, from 1, without gaps
    type       text NOT NULL,
    data       text NOT NULL,                    -- JSON object: this partner's share
    test       boolean NOT NULL DEFAULT false,
    created_at timestamptz NOT NULL DEFAULT now(),
    CHECK ((order_id IS NULL) = (sequence IS NULL))
);
CREATE UNIQUE INDEX events_in_order ON events (order_id, partner, sequence);
CREATE INDEX events_of_partner ON events (partner, created_at, id);

-- The subscriptions that match an event type. Every subscription to orders includes `buyer.redacted`.
CREATE FUNCTION subscriptions_to(type text) RETURNS text[] LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT ARRAY['*', $1, split_part($1, '.', 1) || '.*'] || CASE WHEN $1 = 'buyer.redacted' THEN
        ARRAY['order.*', 'order.confirmed', 'order.cancelled', 'order.refunded', 'order.updated', 'order.fulfilled']
    ELSE '{}' END
$$;

-- Partners that no delivery informs of a redaction: an operator must inform them.
CREATE TABLE redaction_notices (
    event      uuid PRIMARY KEY,                 -- buyer.redacted
    order_id   uuid NOT NULL,
    partner    uuid NOT NULL REFERENCES partners,
    reason     text NOT NULL CHECK (reason IN ('no_words', 'no_endpoint')),
    created_at timestamptz NOT NULL DEFAULT now(),
    closed_at  timestamptz                       -- null: not informed yet
);
CREATE INDEX redaction_notices_open ON redaction_notices (event) WHERE closed_at IS NULL;
