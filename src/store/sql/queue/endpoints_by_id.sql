-- Reads changed endpoints by id for their owner, with the keys that sign now.
SELECT p.id, p.partner, n.slug, n.adapter, n.settings, n.sealed_settings, p.shard, p.url, p.sealed_url, p.url_saved_by, p.headers, p.tls, p.sealed_proxy, p.retry,
       p.max_in_flight, p.rate_per_second, p.circuit,
       -- The one place where a suspended partner's endpoints stop.
       CASE WHEN n.suspended_at IS NULL THEN p.status ELSE 'disabled' END AS status, p.failing_since,
       p.version + n.version AS version, p.deleted_at IS NOT NULL AS deleted,
       coalesce(k.secrets, '{}') AS secrets, coalesce(k.ids, '{}') AS key_ids, coalesce(k.expiries, '{}') AS key_expiries
FROM endpoints p
JOIN partners n ON n.id = p.partner
LEFT JOIN LATERAL (
    SELECT array_agg(secret ORDER BY valid_until DESC NULLS FIRST, created_at DESC) AS secrets,
           array_agg(id ORDER BY valid_until DESC NULLS FIRST, created_at DESC) AS ids,
           array_agg(valid_until ORDER BY valid_until DESC NULLS FIRST, created_at DESC) AS expiries
    FROM endpoint_keys WHERE endpoint = p.id AND (valid_until IS NULL OR valid_until > now())
) k ON true
WHERE p.id = ANY ($1::uuid[])
  AND (p.deleted_at IS NULL OR p.deleted_at > now() - interval '10 minutes')
