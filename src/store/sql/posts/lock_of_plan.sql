-- Locks the posts of products that a run changes, in the order in which all posts are locked. New products have
-- none.
SELECT id, product IN (SELECT product FROM feed_plan WHERE reassigned) AS reassigned FROM posts
WHERE partner = $1
    AND product IN (SELECT product FROM feed_plan WHERE action IN ('update', 'describe', 'block', 'miss', 'remove'))
ORDER BY id FOR UPDATE
