-- Nodes that ended long ago leave no trace. Nobody waits for a session that hangs on one.
DELETE FROM nodes WHERE id IN (
    SELECT id FROM nodes WHERE expires_at < now() - interval '1 hour' FOR UPDATE SKIP LOCKED
)
