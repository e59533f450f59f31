-- Locks the posts of some products, in the order in which all posts are locked.
SELECT id FROM posts WHERE product = ANY($1) ORDER BY id FOR UPDATE
