-- Allows one slice of a job at a time, on any node. A separate statement, so that the next one sees what the last
-- holder committed.
SELECT pg_try_advisory_xact_lock(hashtext('replay'), hashtext($1::uuid::text)) AS held
