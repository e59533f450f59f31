-- Lets one node at a time run retention. Held by the session, because partitions cannot be dropped in a transaction.
SELECT pg_try_advisory_lock(hashtext('retention'), 0) AS held
