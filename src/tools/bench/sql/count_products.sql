-- A measurement counts only if the live catalog has every item.
SELECT count(*) FROM products WHERE removed_at IS NULL AND NOT blocked AND missing_runs = 0
