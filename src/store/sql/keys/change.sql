-- Changes when a key expires, and its limits. What is not given stays.
UPDATE api_keys k SET
    expires_at = CASE WHEN $2 THEN $3::timestamptz ELSE k.expires_at END,
    requests_per_second = CASE WHEN $4 THEN $5::integer ELSE k.requests_per_second END,
    request_burst = CASE WHEN $6 THEN $7::integer ELSE k.request_burst END
WHERE k.id = $1
RETURNING k.id, k.role, (SELECT slug FROM partners WHERE id = k.partner) AS slug, k.label, k.created_at, k.expires_at,
    k.last_used_at, k.revoked_at, k.requests_per_second, k.request_burst
