-- A run is believed only when the live catalog has all of it.
SELECT count(*) FROM products WHERE removed_at IS NULL AND NOT blocked AND missing_runs = 0
