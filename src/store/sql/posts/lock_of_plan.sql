-- Holds the posts of products that a run changes, in the order in which everybody locks posts. A new product has
-- none. A catalog that no post sells of costs one look into an index.
SELECT p.id FROM posts p
WHERE p.partner = $1
    AND EXISTS (SELECT FROM posts WHERE partner = $1)
    AND p.product IN (SELECT product FROM feed_plan WHERE action IN ('update', 'block', 'miss', 'remove'))
ORDER BY p.id FOR UPDATE
