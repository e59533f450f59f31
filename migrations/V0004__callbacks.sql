-- What partners report about orders and stock.

-- Stored before it is answered, once per partner and key, in canonical form: the raw body is not kept.
CREATE TABLE callbacks (
    id               uuid PRIMARY KEY,
    partner          uuid NOT NULL REFERENCES partners,
    key              text COLLATE "C" NOT NULL,  -- the partner's own id of the message: a second one is a duplicate
    content          text NOT NULL,              -- JSON
    partner_order_id text COLLATE "C",           -- the partner's own id of the order, if the callback names it
    order_id         uuid,                       -- null until the order is found
    state            text NOT NULL DEFAULT 'received'
                CHECK (state IN ('received', 'unmatched', 'applied', 'ignored', 'failed')),
    detail           text CHECK (detail IN ('outdated', 'order_unknown', 'unreadable')),
    attempts         integer NOT NULL DEFAULT 0,
    due_at           timestamptz DEFAULT now(),  -- null: nothing left to do
    received_at      timestamptz NOT NULL DEFAULT now(),
    settled_at       timestamptz,
    CHECK ((due_at IS NULL) = (state IN ('applied', 'ignored', 'failed'))),
    CHECK ((state IN ('ignored', 'failed')) = (detail IS NOT NULL))
);
CREATE UNIQUE INDEX callbacks_of_partner ON callbacks (partner, key);
CREATE INDEX callbacks_due ON callbacks (due_at, id) WHERE due_at IS NOT NULL;
CREATE INDEX callbacks_of_order ON callbacks (order_id, id) WHERE order_id IS NOT NULL;
CREATE INDEX callbacks_unmatched ON callbacks (partner, partner_order_id) WHERE state = 'unmatched';

-- Unsigned callbacks, until the partner's own record confirms them or they expire.
CREATE TABLE unverified_callbacks (
    id               uuid PRIMARY KEY,
    partner          uuid NOT NULL REFERENCES partners,
    record_url       text COLLATE "C" NOT NULL,  -- callbacks with the same URL need one request
    request          bytea NOT NULL,             -- sealed {"url","headers","body"}: it names the buyer
    partner_order_id text COLLATE "C" NOT NULL,  -- the partner's own id of the order or sale
    version          bigint NOT NULL DEFAULT 1,  -- grows with each callback: one that arrives during a request causes another
    attempts         integer NOT NULL DEFAULT 0,
    due_at           timestamptz NOT NULL DEFAULT now(),
    created_at       timestamptz NOT NULL DEFAULT now()
);
CREATE UNIQUE INDEX unverified_callbacks_of_partner ON unverified_callbacks (partner, record_url);
CREATE INDEX unverified_callbacks_due ON unverified_callbacks (due_at, id);

-- What a partner has reported of an order.
CREATE TABLE order_reports (
    order_id   uuid NOT NULL,
    partner    uuid NOT NULL,
    state      text NOT NULL,                    -- JSON: all observations
    report     text NOT NULL,                    -- JSON: the report derived from them, as sent to the platform
    updated_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (order_id, partner)
);

-- Stock levels, by the partner's own item id.
CREATE TABLE stock_reports (
    partner  uuid NOT NULL,
    item_id  text COLLATE "C" NOT NULL,
    quantity bigint NOT NULL CHECK (quantity >= 0),
    at       timestamptz NOT NULL,
    PRIMARY KEY (partner, item_id)
);

-- The partner's own ids for orders that it accepted.
CREATE TABLE acknowledgements (
    order_id         uuid NOT NULL,
    partner          uuid NOT NULL,
    partner_order_id text COLLATE "C",
    number           text,
    permalink        text,
    delivery         uuid NOT NULL,
    at               timestamptz NOT NULL,
    PRIMARY KEY (order_id, partner)
);
CREATE INDEX acknowledgements_of_partner_order ON acknowledgements (partner, partner_order_id) WHERE partner_order_id IS NOT NULL;
