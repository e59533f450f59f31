-- Finds a post by its slug.
SELECT id FROM posts WHERE slug = $1
