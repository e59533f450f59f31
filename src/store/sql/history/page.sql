-- Lists the changes of a product before a time, newest first.
SELECT at, price, sale_price, sale_starts_at, sale_ends_at, quantity, currency, availability
FROM product_history WHERE product = $1 AND at < $2 ORDER BY at DESC LIMIT $3
