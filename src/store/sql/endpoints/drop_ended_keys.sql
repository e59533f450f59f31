-- Deletes keys that have expired.
DELETE FROM endpoint_keys WHERE endpoint = $1 AND valid_until <= now()
