-- A page of a run's findings, in the order in which they were found.
SELECT n, code, attribute, line, item_id, value FROM feed_issues
WHERE run = $1 AND n > $2 ORDER BY n LIMIT $3
