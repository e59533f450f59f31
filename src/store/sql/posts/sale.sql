-- Reads what of a post decides who can buy from it.
SELECT id, product, state, starts_at, ends_at, rollout FROM posts WHERE id = $1
