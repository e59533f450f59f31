-- Deletes nodes that ended long ago, skipping any that a hung session has locked.
DELETE FROM nodes WHERE id IN (
    SELECT id FROM nodes WHERE expires_at < now() - interval '1 hour' FOR UPDATE SKIP LOCKED
)
