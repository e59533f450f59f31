-- Holds the posts of products that a run changes, in the order in which everybody locks posts. A new product has none.
SELECT id, product IN (SELECT product FROM feed_plan WHERE reassigned) AS reassigned FROM posts
WHERE partner = $1
    AND product IN (SELECT product FROM feed_plan WHERE action IN ('update', 'describe', 'block', 'miss', 'remove'))
ORDER BY id FOR UPDATE
