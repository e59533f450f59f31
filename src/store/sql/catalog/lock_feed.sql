-- The catalog of a partner changes under this lock, and says which version it is.
SELECT version, live FROM feeds WHERE partner = $1 FOR UPDATE
