-- Locks the key that issues another, if it still works. Its revocation comes before or waits: no key is issued by one
-- that was revoked.
SELECT expires_at, requests_per_second, request_burst FROM api_keys
WHERE id = $1 AND revoked_at IS NULL AND (expires_at IS NULL OR expires_at > now()) FOR SHARE
