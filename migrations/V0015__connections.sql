-- How endpoints are reached: client certificates, private CAs and proxies.

ALTER TABLE endpoints
    ADD COLUMN tls          bytea, -- sealed {"client_certificate","client_key","ca"}, each PEM
    ADD COLUMN tls_summary  jsonb, -- what may be shown of the certificates
    ADD COLUMN proxy        text,  -- as shown: *** replaces the credentials
    ADD COLUMN sealed_proxy bytea; -- sealed: the complete URL of the proxy

CREATE OR REPLACE VIEW shown_endpoints AS
SELECT p.id, p.partner AS partner_id, n.slug, p.url, p.sealed_url, p.url_saved_by, p.event_types, p.headers, p.header_names, p.retry,
       p.max_in_flight, p.rate_per_second, p.status, p.status_reason, p.circuit, p.failing_since, p.created_at,
       coalesce(k.ids, '{}') AS key_ids, coalesce(k.secrets, '{}') AS secrets, coalesce(k.expiries, '{}') AS key_expiries,
       p.test_orders, p.tls, p.tls_summary, p.proxy, p.sealed_proxy
FROM endpoints p JOIN partners n ON n.id = p.partner
LEFT JOIN LATERAL (
    SELECT array_agg(id ORDER BY valid_until DESC NULLS FIRST, created_at DESC) AS ids,
           array_agg(secret ORDER BY valid_until DESC NULLS FIRST, created_at DESC) AS secrets,
           array_agg(valid_until ORDER BY valid_until DESC NULLS FIRST, created_at DESC) AS expiries
    FROM endpoint_keys
    WHERE endpoint = p.id AND kind <> 'shared' AND (valid_until IS NULL OR valid_until > now())
) k ON true
WHERE p.deleted_at IS NULL;
