-- When the next post changes by itself.
SELECT min(next_at) AS next_at FROM posts
