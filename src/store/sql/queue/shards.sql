-- Who holds which shard, and whether that node still lives.
SELECT s.shard, s.node, s.epoch, coalesce(n.until > now(), false) AS alive,
       (SELECT count(*) FROM nodes WHERE until > now()) AS live_nodes
FROM shards s LEFT JOIN nodes n ON n.id = s.node
ORDER BY s.shard
