-- Claims shards that no living node holds, or that the table assigns to this node although it does not know it. The
-- new epoch fences off the previous owner. The nodes in $3 live by the table but have not sent a heartbeat for a
-- lease: the clock was set back. A shard locked by a hung session does not delay the others.
WITH free AS MATERIALIZED (
    SELECT shard FROM shards WHERE shard = ANY ($2::smallint[]) ORDER BY shard FOR UPDATE SKIP LOCKED
)
UPDATE shards s SET node = $1, epoch = s.epoch + 1
FROM free
WHERE s.shard = free.shard
  AND (s.node = $1 OR NOT EXISTS (SELECT 1 FROM nodes n WHERE n.id = s.node AND n.expires_at > now() AND n.id <> ALL ($3::uuid[])))
RETURNING s.shard, s.epoch
