-- The key that signs from now on.
INSERT INTO endpoint_keys (id, endpoint, secret) VALUES ($1, $2, $3)
