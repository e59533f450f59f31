-- Finds when the next post is due to change.
SELECT min(next_at) AS next_at FROM posts
