-- Wait for a running slice: after this, none is under way.
SELECT pg_advisory_xact_lock(hashtext('replay'), hashtext($1::uuid::text))
