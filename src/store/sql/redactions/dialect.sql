-- How a partner speaks: whether it can be told of a redaction at all.
SELECT adapter, settings FROM partners WHERE id = $1
