-- Holds the posts of some products, in the order in which everybody locks posts.
SELECT id FROM posts WHERE product = ANY($1) ORDER BY id FOR UPDATE
