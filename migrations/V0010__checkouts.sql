-- Checkouts: from a pressed Buy button to a captured order, or to nothing kept; their payments; what a processor says.

-- One row per checkout. `machine` is the state machine's value; the other columns are what is looked up or shown.
CREATE TABLE checkouts (
    id           uuid PRIMARY KEY,
    token_hash   bytea NOT NULL UNIQUE CHECK (octet_length(token_hash) = 32),
    token        bytea NOT NULL, -- sealed: names the checkout in URLs, for its buyer only
    channel      text NOT NULL CHECK (channel IN ('page', 'acp', 'ucp')),
    agent        uuid,           -- the API key of the agent that opened it
    post         uuid,
    language     text NOT NULL,
    cart         jsonb NOT NULL, -- the lines, priced by the catalog
    quote        jsonb,          -- what the buyer was shown last
    setback      jsonb,          -- why the last attempt to pay came to nothing
    machine      jsonb NOT NULL,
    state        text NOT NULL,
    buyer        bytea,          -- contact and address, encrypted under `buyer_key`
    buyer_key    bytea, -- sealed: without it the buyer cannot be read, in backups neither
    contact      bytea,          -- keyed hashes, which limit what one buyer may have
    address      bytea,
    order_id     uuid,
    test         boolean NOT NULL DEFAULT false,
    wakes_at     timestamptz,    -- when time alone changes it
    created_at   timestamptz NOT NULL DEFAULT now(),
    updated_at   timestamptz NOT NULL DEFAULT now(),
    CHECK (buyer_key IS NOT NULL OR buyer IS NULL)
);
CREATE INDEX checkouts_due ON checkouts (wakes_at) WHERE wakes_at IS NOT NULL;
CREATE INDEX checkouts_of_order ON checkouts (order_id) WHERE order_id IS NOT NULL;
CREATE INDEX checkouts_with_buyer ON checkouts (updated_at) WHERE buyer_key IS NOT NULL AND order_id IS NULL;

-- What a checkout has decided and nobody has confirmed yet. Written with the decision, deleted with its result.
CREATE TABLE checkout_effects (
    id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    checkout   uuid NOT NULL REFERENCES checkouts ON DELETE CASCADE,
    key        text NOT NULL UNIQUE,
    effect     jsonb NOT NULL,
    attempts   integer NOT NULL DEFAULT 0,
    due_at     timestamptz NOT NULL, -- whoever runs it moves this ahead first
    created_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX checkout_effects_due ON checkout_effects (due_at);
CREATE INDEX checkout_effects_of_checkout ON checkout_effects (checkout);

-- One row per attempt to pay, written before the processor is called.
CREATE TABLE payments (
    id              uuid PRIMARY KEY,
    checkout        uuid NOT NULL REFERENCES checkouts ON DELETE CASCADE,
    attempt         integer NOT NULL CHECK (attempt > 0),
    processor       text NOT NULL CHECK (processor IN ('stripe', 'manual', 'sandbox')),
    currency        text NOT NULL,
    amount          bigint NOT NULL CHECK (amount > 0),
    session_id      text,
    session_ends_at timestamptz NOT NULL,
    payment_id      text,
    status          text NOT NULL DEFAULT 'unpaid',
    amount_captured bigint NOT NULL DEFAULT 0,
    amount_refunded bigint NOT NULL DEFAULT 0,
    card_brand      text,
    card_last4      text,
    card            bytea,         -- keyed hash, which limits what one buyer may have
    decline_code    text,
    dispute         jsonb,
    key_generation  integer NOT NULL DEFAULT 0, -- counts failures that the processor repeats for a key
    created_at      timestamptz NOT NULL DEFAULT now(),
    updated_at      timestamptz NOT NULL DEFAULT now(),
    UNIQUE (checkout, attempt)
);
CREATE UNIQUE INDEX payments_session ON payments (processor, session_id) WHERE session_id IS NOT NULL;
CREATE UNIQUE INDEX payments_payment ON payments (processor, payment_id) WHERE payment_id IS NOT NULL;

-- Money that is sent back: by the checkout itself, or by an operator.
CREATE TABLE payment_refunds (
    id           uuid PRIMARY KEY,
    payment      uuid NOT NULL REFERENCES payments ON DELETE CASCADE,
    key          text NOT NULL UNIQUE,
    number       integer CHECK (number > 0), -- the checkout's own refunds; null for an operator's
    amount       bigint NOT NULL CHECK (amount > 0),
    reason       text NOT NULL,
    processor_id text,
    status       text NOT NULL DEFAULT 'requested'
                 CHECK (status IN ('requested', 'pending', 'needs_action', 'succeeded', 'failed', 'cancelled')),
    failure      text,
    due_at       timestamptz,                -- when the processor is asked again
    attempts     integer NOT NULL DEFAULT 0,
    created_at   timestamptz NOT NULL DEFAULT now(),
    updated_at   timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX payment_refunds_of_payment ON payment_refunds (payment);
CREATE INDEX payment_refunds_due ON payment_refunds (due_at) WHERE due_at IS NOT NULL;
CREATE INDEX payment_refunds_processor_id ON payment_refunds (processor_id) WHERE processor_id IS NOT NULL;

-- A processor's verified webhooks: ids only. What they are about is read again at the processor.
CREATE TABLE payment_events (
    processor   text NOT NULL,
    event_id    text NOT NULL,
    type        text NOT NULL,
    checkout    uuid,
    session_id  text,
    payment_id  text,
    refund_id   text,
    status      text NOT NULL DEFAULT 'pending' CHECK (status IN ('pending', 'applied', 'unmatched')),
    attempts    integer NOT NULL DEFAULT 0,
    due_at      timestamptz NOT NULL DEFAULT now(),
    received_at timestamptz NOT NULL DEFAULT now(),
    settled_at  timestamptz,
    PRIMARY KEY (processor, event_id),
    CHECK ((status = 'pending') = (settled_at IS NULL))
);
CREATE INDEX payment_events_due ON payment_events (due_at) WHERE status = 'pending';
CREATE INDEX payment_events_settled ON payment_events (settled_at) WHERE settled_at IS NOT NULL;

-- Withdrawals that buyers have declared: the first of a checkout counts.
CREATE TABLE withdrawals (
    checkout    uuid PRIMARY KEY REFERENCES checkouts ON DELETE CASCADE,
    statement   bytea NOT NULL, -- sealed {"name","order","contact"}
    received_at timestamptz NOT NULL
);

-- The key of the hashes by which buyers are recognised. One row, written at the first use.
CREATE TABLE fingerprint_key (
    id     smallint PRIMARY KEY CHECK (id = 1),
    sealed bytea NOT NULL -- sealed
);

-- Kill switches: what is not sold for now. A row per scope that was ever switched.
CREATE TABLE switches (
    scope      text PRIMARY KEY,
    enabled    boolean NOT NULL,
    reason     text NOT NULL,
    updated_at timestamptz NOT NULL DEFAULT now()
);
