-- Lists the changes of a product's price among its latest $2 changes, newest first, and the oldest of these, from which
-- the first price is known.
SELECT at, price, sale_price, sale_starts_at, sale_ends_at, quantity, currency, availability
FROM (
    SELECT h.*, (price, sale_price, sale_starts_at, sale_ends_at, currency) IS DISTINCT FROM
        (lag(price) OVER w, lag(sale_price) OVER w, lag(sale_starts_at) OVER w, lag(sale_ends_at) OVER w, lag(currency) OVER w)
        AS is_new_price
    FROM (SELECT * FROM product_history WHERE product = $1 ORDER BY at DESC LIMIT $2) h
    WINDOW w AS (ORDER BY at)
) h
WHERE is_new_price ORDER BY at DESC LIMIT $3
