-- Lists a run's findings in the order they were found. An unread run shows those of the run it is identical to.
SELECT n, code, attribute, line, item_id, value FROM feed_issues
WHERE run = (SELECT coalesce(identical_to, id) FROM feed_runs WHERE id = $1) AND n > $2 ORDER BY n LIMIT $3
