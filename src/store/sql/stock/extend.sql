-- Extends the holds of a checkout, once.
UPDATE holds SET expires_at = greatest(expires_at, now() + make_interval(secs => $2)), extended = true, updated_at = now()
WHERE checkout = $1 AND state = 'held' AND NOT extended AND expires_at > now()
RETURNING expires_at
