-- Claims refunds of operators that are not final, for so many seconds.
UPDATE payment_refunds SET due_at = now() + make_interval(secs => $2), attempts = attempts + 1
WHERE id IN (SELECT id FROM payment_refunds WHERE due_at <= now() ORDER BY due_at LIMIT $1 FOR UPDATE SKIP LOCKED)
RETURNING *
