-- Keeps the answer of a request, unless another process has taken it over.
UPDATE idempotent_requests SET status = $5, answer = $6
WHERE caller = $1 AND route = $2 AND key = $3 AND claim = $4 AND status IS NULL
