-- One node at a time keeps house; held by the session, because partitions are not dropped in a transaction.
SELECT pg_try_advisory_lock(hashtext('retention'), 0) AS held
