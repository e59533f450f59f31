-- Keys that expire, say when they were last used and have limits of their own; partners that are suspended.

ALTER TABLE api_keys
    ADD COLUMN expires_at          timestamptz,  -- null: never
    ADD COLUMN last_used_at        timestamptz,  -- written at most once a minute by each node
    ADD COLUMN requests_per_second integer CHECK (requests_per_second > 0), -- null: the gateway's default
    ADD COLUMN request_burst       integer CHECK (request_burst > 0);       -- null: the gateway's default
CREATE INDEX api_keys_of_partner ON api_keys (partner, id) WHERE partner IS NOT NULL;

ALTER TABLE partners ADD COLUMN suspended_at timestamptz; -- null: active
CREATE INDEX partners_suspended ON partners (slug) WHERE suspended_at IS NOT NULL;

-- A host that answered under an earlier URL says nothing about the host of the present one.
ALTER TABLE endpoints ADD COLUMN url_changed_at timestamptz; -- null: not since it was created
