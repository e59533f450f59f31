-- Waits for a running slice; none is in progress afterwards.
SELECT pg_advisory_xact_lock(hashtext('replay'), hashtext($1::uuid::text))
