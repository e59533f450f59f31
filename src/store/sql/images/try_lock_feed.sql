-- Locks a catalog for changes, or skips it while a feed holds the lock.
SELECT version FROM feeds WHERE partner = $1 FOR UPDATE SKIP LOCKED
