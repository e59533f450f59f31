-- Finds where a slice of a walk ends, from the index alone.
SELECT max(item_id) AS last, count(*) AS items FROM (
    SELECT item_id FROM products WHERE partner = $1 AND item_id > $2 ORDER BY item_id LIMIT $3) slice
