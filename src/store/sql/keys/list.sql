-- Lists keys, of all callers or of one partner, in the order of issue. Never returns a hash.
SELECT k.id, k.role, p.slug, k.label, k.created_at, k.expires_at, k.last_used_at, k.revoked_at,
       k.requests_per_second, k.request_burst
FROM api_keys k LEFT JOIN partners p ON p.id = k.partner
WHERE ($1::text IS NULL OR p.slug = $1) AND ($2::uuid IS NULL OR k.id > $2)
ORDER BY k.id LIMIT $3
