-- Locks the partner's endpoints that lack a key of a kind that its dialect now signs with.
SELECT p.id FROM endpoints p
WHERE p.partner = $1 AND p.deleted_at IS NULL
  AND NOT EXISTS (SELECT FROM endpoint_keys k WHERE k.endpoint = p.id AND k.kind = $2 AND k.valid_until IS NULL)
ORDER BY p.id
FOR NO KEY UPDATE OF p
