-- Whether the database answers and knows our tables.
SELECT count(*) FROM shards WHERE shard = 0
