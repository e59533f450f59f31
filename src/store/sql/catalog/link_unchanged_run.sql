-- A run that was not read has the findings of the one that was.
UPDATE feed_runs SET identical_to = $2 WHERE id = $1
