-- Finds the holder of the key with this hash.
SELECT k.id, k.role, k.partner, p.slug, p.suspended_at IS NOT NULL AS suspended, k.label,
       k.requests_per_second, k.request_burst
FROM api_keys k LEFT JOIN partners p ON p.id = k.partner
WHERE k.hash = $1 AND k.revoked_at IS NULL AND (k.expires_at IS NULL OR k.expires_at > now())
