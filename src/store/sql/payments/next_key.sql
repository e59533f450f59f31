-- The processor repeats a failure for the key: the next request has another one.
UPDATE payments SET key_generation = key_generation + 1, updated_at = now() WHERE id = $1
