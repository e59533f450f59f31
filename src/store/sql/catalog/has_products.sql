-- Checks whether the partner has any live product to compare a feed with.
SELECT EXISTS (SELECT FROM products WHERE partner = $1 AND removed_at IS NULL) AS has
