-- This node lives on; the database's clock decides until when.
INSERT INTO nodes (id, until) VALUES ($1, now() + make_interval(secs => $2::double precision))
ON CONFLICT (id) DO UPDATE SET until = excluded.until
