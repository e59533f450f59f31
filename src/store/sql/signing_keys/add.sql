-- Adds a gateway signing key, published from now on; it signs later.
INSERT INTO signing_keys (id, secret, signs_from) VALUES ($1, $2, now() + make_interval(mins => $3::int))
