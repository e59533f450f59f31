-- Queues a run. Its node owns it while the lease lasts.
INSERT INTO feed_runs (id, partner, mode, dry_run, bytes, sha256, actor, reader_digest, node, lease_expires_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, now() + make_interval(secs => $10::double precision))
