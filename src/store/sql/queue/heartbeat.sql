-- This node lives on; the database's clock decides until when.
INSERT INTO nodes (id, expires_at) VALUES ($1, now() + make_interval(secs => $2::double precision))
ON CONFLICT (id) DO UPDATE SET expires_at = excluded.expires_at
