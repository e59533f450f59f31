-- Lets the next node run retention.
SELECT pg_advisory_unlock(hashtext('retention'), 0)
