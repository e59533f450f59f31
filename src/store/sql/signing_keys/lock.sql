-- One rotation at a time, and one first key, whichever node makes it.
SELECT pg_advisory_xact_lock(hashtext('signing_keys'), 0)
