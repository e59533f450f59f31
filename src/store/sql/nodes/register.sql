-- Registers a starting node with its settings before it does anything else, so that two that start together see each
-- other.
INSERT INTO nodes (id, expires_at, settings, master_keys)
VALUES ($1, now() + make_interval(secs => $2::double precision), $3, $4)
