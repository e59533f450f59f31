-- The secrets of a deleted endpoint go with it.
DELETE FROM endpoint_keys WHERE endpoint = $1
