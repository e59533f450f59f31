-- A page of a run's findings, in the order in which they were found; one that was not read has those of another.
SELECT n, code, attribute, line, item_id, value FROM feed_issues
WHERE run = (SELECT coalesce(identical_to, id) FROM feed_runs WHERE id = $1) AND n > $2 ORDER BY n LIMIT $3
