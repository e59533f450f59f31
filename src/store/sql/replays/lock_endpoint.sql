-- Two jobs that look for what is missing at the same endpoint take turns, so that neither makes a delivery
-- that the other has just made.
SELECT pg_advisory_xact_lock(hashtext('replay_endpoint'), hashtext($1::uuid::text))
