-- A hint is still there: ask at that time.
UPDATE unverified_callbacks SET due_at = now() + make_interval(secs => $2) WHERE id = $1
