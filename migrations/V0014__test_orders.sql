-- Which endpoints receive events of test orders, and replays of what waits for a time.

ALTER TABLE endpoints ADD COLUMN test_orders text NOT NULL DEFAULT 'include'
    CHECK (test_orders IN ('include', 'only', 'exclude'));

-- Whether an endpoint with this setting receives an event that is a test, or is not.
CREATE FUNCTION takes_test(test_orders text, test boolean) RETURNS boolean
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT $1 = 'include' OR ($1 = 'only') = $2
$$;

CREATE OR REPLACE VIEW shown_endpoints AS
SELECT p.id, p.partner AS partner_id, n.slug, p.url, p.sealed_url, p.url_saved_by, p.event_types, p.headers, p.header_names, p.retry,
       p.max_in_flight, p.rate_per_second, p.status, p.status_reason, p.circuit, p.failing_since, p.created_at,
       coalesce(k.ids, '{}') AS key_ids, coalesce(k.secrets, '{}') AS secrets, coalesce(k.expiries, '{}') AS key_expiries,
       p.test_orders
FROM endpoints p JOIN partners n ON n.id = p.partner
LEFT JOIN LATERAL (
    SELECT array_agg(id ORDER BY valid_until DESC NULLS FIRST, created_at DESC) AS ids,
           array_agg(secret ORDER BY valid_until DESC NULLS FIRST, created_at DESC) AS secrets,
           array_agg(valid_until ORDER BY valid_until DESC NULLS FIRST, created_at DESC) AS expiries
    FROM endpoint_keys
    WHERE endpoint = p.id AND kind <> 'shared' AND (valid_until IS NULL OR valid_until > now())
) k ON true
WHERE p.deleted_at IS NULL;

ALTER TABLE replays DROP CONSTRAINT replays_source_check,
    ADD CONSTRAINT replays_source_check CHECK (source IN ('dead', 'missing', 'pending'));
