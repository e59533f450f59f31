-- Locks a partner's catalog for changes and reads its version.
SELECT version, live FROM feeds WHERE partner = $1 FOR UPDATE
