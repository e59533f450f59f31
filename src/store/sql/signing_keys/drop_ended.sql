-- Deletes expired keys, which verifiers must no longer trust.
DELETE FROM signing_keys WHERE valid_until <= now()
