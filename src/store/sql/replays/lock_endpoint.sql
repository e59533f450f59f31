-- Serializes two jobs that look for missing deliveries at the same endpoint, so that neither duplicates the other's.
SELECT pg_advisory_xact_lock(hashtext('replay_endpoint'), hashtext($1::uuid::text))
