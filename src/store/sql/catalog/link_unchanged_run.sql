-- A run that was not read has the findings of the one that was.
UPDATE feed_runs SET same_as = $2 WHERE id = $1
