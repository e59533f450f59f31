-- Makes the published posts of a partner due, because it was suspended or sells again. Each follows its product.
UPDATE posts SET next_at = now() WHERE partner = $1 AND state IN ('scheduled', 'live', 'sold_out')
