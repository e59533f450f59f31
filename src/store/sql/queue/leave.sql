-- A node that stops in good order lets go of everything at once.
WITH gone AS (DELETE FROM nodes WHERE id = $1)
UPDATE shards SET node = NULL, epoch = epoch + 1 WHERE node = $1
