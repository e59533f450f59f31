-- Locks one post.
SELECT id FROM posts WHERE id = $1 FOR UPDATE
