-- What was read, in figures; what was recognised has a negative number and is counted elsewhere.
SELECT count(*) FILTER (WHERE n >= 0) AS read,
       count(*) FILTER (WHERE kind IN (1, 2)) AS invalid
FROM feed_staged
