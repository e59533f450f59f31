-- Lists the kinds of keys an endpoint signs with.
SELECT kind FROM endpoint_keys WHERE endpoint = $1 AND valid_until IS NULL
