-- Let the next one keep house.
SELECT pg_advisory_unlock(hashtext('retention'), 0)
