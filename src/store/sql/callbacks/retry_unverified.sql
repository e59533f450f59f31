-- Sets when an unverified callback is tried again.
UPDATE unverified_callbacks SET due_at = now() + make_interval(secs => $2) WHERE id = $1
