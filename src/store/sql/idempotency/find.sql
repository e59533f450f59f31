-- Reads what became of the first request with a key.
SELECT body, status, answer FROM idempotent_requests WHERE caller = $1 AND route = $2 AND key = $3
