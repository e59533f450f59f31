-- Who holds which shard, and whether that node still lives.
SELECT s.shard, s.node, s.epoch, n.until, coalesce(n.until > now(), false) AS alive, now() AS at,
       (SELECT count(*) FROM nodes WHERE until > now()) AS live_nodes
FROM shards s LEFT JOIN nodes n ON n.id = s.node
ORDER BY s.shard
