-- A key that signs nothing any more is not worth keeping.
DELETE FROM endpoint_keys WHERE endpoint = $1 AND valid_until <= now()
