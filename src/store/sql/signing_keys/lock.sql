-- Serializes rotations and the creation of the first key across nodes.
SELECT pg_advisory_xact_lock(hashtext('signing_keys'), 0)
