-- Keeps a claim for the next step of a request that takes several transactions.
UPDATE idempotent_requests SET claimed_until = now() + make_interval(secs => $5)
WHERE caller = $1 AND route = $2 AND key = $3 AND claim = $4 AND status IS NULL
