-- Sets a switch.
INSERT INTO switches (scope, enabled, reason) VALUES ($1, $2, $3)
ON CONFLICT (scope) DO UPDATE SET enabled = excluded.enabled, reason = excluded.reason, updated_at = now()
RETURNING scope, enabled, reason, updated_at
