-- What an inventory feed changes: the last good data of these products.
SELECT item_id, item FROM products WHERE partner = $1 AND item_id = ANY ($2) AND removed_at IS NULL
