-- Points an unread run to the run that holds its findings.
UPDATE feed_runs SET identical_to = $2 WHERE id = $1
