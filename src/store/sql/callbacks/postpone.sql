-- Postpones a callback that failed, so that others go first.
UPDATE callbacks SET attempts = attempts + 1, due_at = now() + make_interval(secs => $2)
WHERE id = $1 AND due_at IS NOT NULL
