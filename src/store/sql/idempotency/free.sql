-- Frees the key of a request that was refused or given up: nothing was done in its name.
DELETE FROM idempotent_requests WHERE caller = $1 AND route = $2 AND key = $3 AND claim = $4 AND status IS NULL
