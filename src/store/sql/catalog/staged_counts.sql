-- Counts the staged records. Recognised ones have a negative number and are counted elsewhere.
SELECT count(*) FILTER (WHERE n >= 0) AS read,
       count(*) FILTER (WHERE kind IN (1, 2)) AS invalid
FROM feed_staged
