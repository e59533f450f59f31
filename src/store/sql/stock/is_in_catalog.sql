-- Whether a partner's catalog has or had an item.
SELECT FROM products WHERE partner = $1 AND item_id = $2
