-- Hands over shards whose attempts in flight have ended.
UPDATE shards SET node = NULL, epoch = epoch + 1 WHERE node = $1 AND shard = ANY ($2::smallint[])
