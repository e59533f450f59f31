-- The post of that short name.
SELECT id FROM posts WHERE slug = $1
