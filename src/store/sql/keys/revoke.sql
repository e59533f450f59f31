-- Revokes a key permanently; an earlier revocation keeps its time. With a partner given, only that partner's key.
UPDATE api_keys k SET revoked_at = coalesce(k.revoked_at, now())
WHERE k.id = $1 AND ($2::text IS NULL OR k.partner = (SELECT id FROM partners WHERE slug = $2))
RETURNING k.label
