-- Lists what a checkout waits for, oldest first.
SELECT effect->>'action' AS action, attempts, due_at, created_at FROM checkout_effects
WHERE checkout = $1 ORDER BY id LIMIT 50
