-- Take shards that nobody living holds, or that the table says are ours although we do not know it. The new epoch shuts out whatever the old holder still does.
-- Nodes of $3 live by the table, and have not beaten for a lease: the clock was set back. One that a session which hangs has locked does not hold up the others.
WITH free AS MATERIALIZED (
    SELECT shard FROM shards WHERE shard = ANY ($2::smallint[]) ORDER BY shard FOR UPDATE SKIP LOCKED
)
UPDATE shards s SET node = $1, epoch = s.epoch + 1
FROM free
WHERE s.shard = free.shard
  AND (s.node = $1 OR NOT EXISTS (SELECT 1 FROM nodes n WHERE n.id = s.node AND n.expires_at > now() AND n.id <> ALL ($3::uuid[])))
RETURNING s.shard, s.epoch
