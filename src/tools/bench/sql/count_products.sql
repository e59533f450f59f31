-- A run is believed only when the live catalog has all of it.
SELECT count(*) FROM products WHERE gone_at IS NULL AND NOT blocked AND missing_runs = 0
