-- Who holds which shard, and whether that node still lives.
SELECT s.shard, s.node, s.epoch, n.expires_at, coalesce(n.expires_at > now(), false) AS alive, now() AS at,
       (SELECT count(*) FROM nodes WHERE expires_at > now()) AS live_nodes
FROM shards s LEFT JOIN nodes n ON n.id = s.node
ORDER BY s.shard
