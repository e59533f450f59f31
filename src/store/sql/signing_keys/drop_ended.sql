-- A key that nobody may trust any more is not worth keeping.
DELETE FROM signing_keys WHERE valid_until <= now()
