-- Counts the live products that can be bought. Only queried when many of them would stop being available.
SELECT count(*) AS buyable FROM products
WHERE partner = $1 AND missing_runs = 0 AND removed_at IS NULL AND availability NOT IN ('out_of_stock', 'discontinued')
