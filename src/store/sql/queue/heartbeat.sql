-- Renews this node's lease; the database's clock decides when it ends.
INSERT INTO nodes (id, expires_at) VALUES ($1, now() + make_interval(secs => $2::double precision))
ON CONFLICT (id) DO UPDATE SET expires_at = excluded.expires_at
