-- Lists the keys with which an endpoint signs, without the keys. Earlier ones sign until they end.
SELECT kind, created_at, valid_until FROM endpoint_keys
WHERE endpoint = $1 AND (valid_until IS NULL OR valid_until > now())
ORDER BY valid_until DESC NULLS FIRST, kind DESC, created_at DESC
