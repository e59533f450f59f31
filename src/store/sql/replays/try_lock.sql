-- One slice of a job at a time, on whatever node; a statement of its own, so that the next one sees what
-- the last holder has committed.
SELECT pg_try_advisory_xact_lock(hashtext('replay'), hashtext($1::uuid::text)) AS held
