-- Take every shard, whoever held it: only where a lock outside the database proves that nobody else lives.
UPDATE shards SET node = $1, epoch = epoch + 1 RETURNING shard, epoch
