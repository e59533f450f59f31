-- Revoke a key, for good: one revoked before keeps its time. Under a partner, only its own.
UPDATE api_keys k SET revoked_at = coalesce(k.revoked_at, now())
WHERE k.id = $1 AND ($2::text IS NULL OR k.partner = (SELECT id FROM partners WHERE slug = $2))
RETURNING k.label
