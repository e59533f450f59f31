-- Reads which node owns which shard, and whether that node is alive.
SELECT s.shard, s.node, s.epoch, n.expires_at, coalesce(n.expires_at > now(), false) AS alive, now() AS at,
       (SELECT count(*) FROM nodes WHERE expires_at > now()) AS live_nodes
FROM shards s LEFT JOIN nodes n ON n.id = s.node
ORDER BY s.shard
