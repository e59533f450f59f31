-- Reads the last good data of the products that an inventory feed changes.
SELECT item_id, item FROM products WHERE partner = $1 AND item_id = ANY ($2) AND removed_at IS NULL
