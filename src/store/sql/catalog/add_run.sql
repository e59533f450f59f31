-- A run waits for its turn; its node answers for it while the lease lasts.
INSERT INTO feed_runs (id, partner, mode, dry_run, bytes, sha256, who, node, until)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, now() + make_interval(secs => $9::double precision))
