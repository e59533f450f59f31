-- Makes an effect due again after so many seconds.
UPDATE checkout_effects SET due_at = now() + make_interval(secs => $2), attempts = attempts + 1 WHERE id = $1
