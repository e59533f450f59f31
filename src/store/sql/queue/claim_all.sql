-- Claims every shard, whoever owns it. Only valid while a lock outside the database proves that no other node lives.
UPDATE shards SET node = $1, epoch = epoch + 1 RETURNING shard, epoch
