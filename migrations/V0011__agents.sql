-- Agents: their role, what a checkout keeps for them, and requests that may be repeated.

ALTER TABLE api_keys DROP CONSTRAINT api_keys_role_check,
    ADD CONSTRAINT api_keys_role_check CHECK (role IN ('platform', 'partner', 'agent', 'operator'));
ALTER TABLE audit DROP CONSTRAINT audit_role_check,
    ADD CONSTRAINT audit_role_check CHECK (role IN ('platform', 'partner', 'agent', 'operator'));

ALTER TABLE checkouts
    ADD COLUMN details         bytea, -- what an agent has sent, encrypted under `buyer_key`
    ADD COLUMN payment_token   bytea, -- sealed: kept while the request that carries it may have to be sent again
    ADD COLUMN payment_request bytea, -- a hash of the agent's request that began the last attempt
    ADD CONSTRAINT checkouts_details_key CHECK (buyer_key IS NOT NULL OR details IS NULL);
CREATE INDEX checkouts_of_agent ON checkouts (agent, id) WHERE agent IS NOT NULL;

-- Requests with an idempotency key, and how each was answered. A row is claimed before its request is carried out.
CREATE TABLE idempotent_requests (
    caller        uuid NOT NULL,     -- the API key
    route         text NOT NULL,
    key           bytea NOT NULL,    -- a hash: keys are the caller's own texts
    body          bytea NOT NULL,    -- a hash of the body's JSON value
    subject       uuid NOT NULL,     -- the id of what the request makes, however often it is begun
    claim         integer NOT NULL DEFAULT 1,
    claimed_until timestamptz NOT NULL,
    status        smallint,          -- null: not answered yet
    answer        bytea,             -- sealed
    created_at    timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (caller, route, key),
    CHECK ((status IS NULL) = (answer IS NULL))
);
CREATE INDEX idempotent_requests_created ON idempotent_requests (created_at);
