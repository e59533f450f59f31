-- Nodes that ended long ago leave no trace.
DELETE FROM nodes WHERE until < now() - interval '1 hour'
