-- Reads the posts that sell some products now or later, the newest first: the caller decides who can buy.
SELECT id, product, state, starts_at, ends_at, rollout FROM posts
WHERE product = ANY($1) AND state IN ('scheduled', 'live', 'sold_out')
ORDER BY id DESC
