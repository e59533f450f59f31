-- Retries a callback later because its order is not known yet.
UPDATE callbacks SET state = 'unmatched', attempts = attempts + 1, due_at = now() + make_interval(secs => $2)
WHERE id = $1 AND due_at IS NOT NULL
