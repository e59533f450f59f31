-- Adds the key of its kind that signs from now on.
INSERT INTO endpoint_keys (id, endpoint, kind, secret) VALUES ($1, $2, $3, $4)
