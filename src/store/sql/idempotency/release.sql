-- Lets a request that failed be repeated at once. What it has made keeps its id.
UPDATE idempotent_requests SET claimed_until = now()
WHERE caller = $1 AND route = $2 AND key = $3 AND claim = $4 AND status IS NULL
