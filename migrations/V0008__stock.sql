-- Stock: how many units of an item are left to sell, and the holds of buyers who are paying.

-- One row per item that its partner has counted or that somebody has wanted to buy. Whoever changes a row or one of
-- its holds locks the row first: it is the item's only lock.
CREATE TABLE stock (
    partner       uuid NOT NULL REFERENCES partners,
    item_id       text COLLATE "C" NOT NULL,
    kind          text NOT NULL CHECK (kind IN ('counter', 'unlimited')),
    set_by        text NOT NULL CHECK (set_by IN ('catalog', 'request')), -- catalog: the kind follows the feeds
    total         bigint CHECK (total >= 0),       -- units for sale here, sold ones included
    reported      bigint CHECK (reported >= 0),    -- the partner's own total, while it is below held + sold
    held          bigint NOT NULL DEFAULT 0 CHECK (held >= 0),
    sold          bigint NOT NULL DEFAULT 0 CHECK (sold >= 0),
    per_buyer_max integer CHECK (per_buyer_max > 0),
    updated_at    timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (partner, item_id),
    CHECK ((kind = 'unlimited') = (total IS NULL)),
    CHECK (held + sold <= total),
    CHECK (reported < total)
);

-- One row per checkout and item.
CREATE TABLE holds (
    id         uuid PRIMARY KEY,
    checkout   uuid NOT NULL,
    partner    uuid NOT NULL,
    item_id    text COLLATE "C" NOT NULL,
    quantity   bigint NOT NULL CHECK (quantity > 0),
    state      text NOT NULL DEFAULT 'held' CHECK (state IN ('held', 'sold', 'released', 'expired')),
    extended   boolean NOT NULL DEFAULT false,     -- once, while its buyer pays
    expires_at timestamptz NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    FOREIGN KEY (partner, item_id) REFERENCES stock,
    UNIQUE (checkout, partner, item_id)
);
CREATE INDEX holds_due ON holds (expires_at) WHERE state = 'held';
CREATE INDEX holds_of_item ON holds (partner, item_id, expires_at) WHERE state = 'held';
CREATE INDEX holds_ended ON holds (updated_at) WHERE state IN ('released', 'expired');

-- Who holds: keyed hashes, which limit what one buyer may have. Those of ended holds are deleted.
CREATE TABLE hold_buyers (
    hold        uuid NOT NULL REFERENCES holds ON DELETE CASCADE,
    kind        text NOT NULL CHECK (kind IN ('contact', 'address', 'card')),
    fingerprint bytea NOT NULL CHECK (octet_length(fingerprint) = 32),
    PRIMARY KEY (hold, kind)
);
CREATE INDEX hold_buyers_by_fingerprint ON hold_buyers (fingerprint);

-- No unit is left: all are sold or held.
ALTER TABLE products ADD COLUMN sold_out boolean NOT NULL DEFAULT false;
