-- Partners, their endpoints and keys, and the audit log.

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
    version         bigint NOT NULL DEFAULT 1,   -- grows with every change
    created_at      timestamptz NOT NULL DEFAULT now(),
    updated_at      timestamptz NOT NULL DEFAULT now()
);
COMMENT ON TABLE partners IS 'A partner is a row; its dialect is code. Never deleted.';

-- The reserved partner owns the endpoints of the platform and of the operators.
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
    url             text NOT NULL,               -- as shown: *** replaces each secret
    sealed_url      bytea,                       -- sealed: the complete URL, if it holds a secret
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
    version         bigint NOT NULL DEFAULT 1,   -- grows with every change that the shard's owner must read
    created_at      timestamptz NOT NULL DEFAULT now(),
    updated_at      timestamptz NOT NULL DEFAULT now(),
    deleted_at      timestamptz,
    CHECK ((status = 'disabled') = (status_reason IS NOT NULL))
);
CREATE INDEX endpoints_of_partner ON endpoints (partner, id) WHERE deleted_at IS NULL;
CREATE INDEX endpoints_of_shard ON endpoints (shard);
CREATE INDEX endpoints_updated ON endpoints (updated_at);

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

-- The gateway's own keys. They sign for endpoints whose dialect finds our public key in our profile.
CREATE TABLE signing_keys (
    id          uuid PRIMARY KEY,
    secret      bytea NOT NULL,                  -- sealed es256_…
    signs_from  timestamptz NOT NULL,            -- published earlier: receivers cache the profile
    valid_until timestamptz,                     -- null = the newest key
    created_at  timestamptz NOT NULL DEFAULT clock_timestamp()
);
CREATE UNIQUE INDEX signing_keys_newest ON signing_keys ((valid_until IS NULL)) WHERE valid_until IS NULL;

CREATE TABLE audit (
    id      bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    at      timestamptz NOT NULL DEFAULT now(),
    actor   text NOT NULL,                       -- the label of the key
    key     uuid,                                -- null: a key from the environment
    role    text NOT NULL CHECK (role IN ('platform', 'partner', 'operator')),
    partner text COLLATE "C",                    -- the slug of the partner that owns the key
    action  text NOT NULL,
    subject text NOT NULL,
    details jsonb NOT NULL DEFAULT '{}'
);
CREATE INDEX audit_by_subject ON audit (subject, id);
CREATE INDEX audit_by_time ON audit (at, id);
