-- Take shards that nobody living holds, or that the table says are ours although we do not know it. The new epoch shuts out whatever the old holder still does.
UPDATE shards s SET node = $1, epoch = s.epoch + 1
WHERE s.shard = ANY ($2::smallint[])
  AND (s.node = $1 OR NOT EXISTS (SELECT 1 FROM nodes n WHERE n.id = s.node AND n.until > now()))
RETURNING s.shard, s.epoch
