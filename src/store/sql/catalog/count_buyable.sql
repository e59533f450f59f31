-- How many live products are offered as ones that can be bought: asked only when many would stop being that.
SELECT count(*) AS buyable FROM products
WHERE partner = $1 AND missing_runs = 0 AND removed_at IS NULL AND availability NOT IN ('out_of_stock', 'discontinued')
