-- Deletes the secrets of a deleted endpoint.
DELETE FROM endpoint_keys WHERE endpoint = $1
