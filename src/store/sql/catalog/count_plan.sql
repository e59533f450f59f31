-- Counts the plan's changes, each product once.
SELECT count(*) FILTER (WHERE action = 'insert') AS inserted,
       count(*) FILTER (WHERE action IN ('update', 'describe')) AS updated,
       count(*) FILTER (WHERE action IN ('same', 'touch')) AS unchanged,
       count(*) FILTER (WHERE action IN ('miss', 'remove')) AS removed,
       count(DISTINCT product) FILTER (WHERE repriced) AS repriced,
       count(DISTINCT product) FILTER (WHERE jumped) AS jumped,
       count(DISTINCT product) FILTER (WHERE stopped) AS stopped,
       count(DISTINCT product) FILTER (WHERE moved) AS moved,
       count(DISTINCT product) FILTER (WHERE renamed) AS renamed,
       count(DISTINCT product) FILTER (WHERE gained) AS gained,
       count(DISTINCT product) FILTER (WHERE lost) AS lost
FROM feed_plan
