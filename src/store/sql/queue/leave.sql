-- Releases everything a node owns when it shuts down.
WITH deleted AS (DELETE FROM nodes WHERE id = $1)
UPDATE shards SET node = NULL, epoch = epoch + 1 WHERE node = $1
