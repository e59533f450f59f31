-- Counts a partner's keys that work. The partner's row is locked, so that two callers cannot exceed the limit together.
SELECT count(*) FROM api_keys WHERE partner = $1 AND revoked_at IS NULL AND (expires_at IS NULL OR expires_at > now())
