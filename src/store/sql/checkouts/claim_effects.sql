-- Claims due effects, oldest first, for so many seconds.
UPDATE checkout_effects SET due_at = now() + make_interval(secs => $2), attempts = attempts + 1
WHERE id IN (SELECT id FROM checkout_effects WHERE due_at <= now() ORDER BY id LIMIT $1 FOR UPDATE SKIP LOCKED)
RETURNING id, checkout, effect, attempts
