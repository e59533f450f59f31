-- Deletes old rows of products' history, after a cursor, but not what a living product cost at the limit. Returns how far
-- it scanned. By product: an index by age would cost a first load more than this walk along the primary key.
WITH passed AS MATERIALIZED (
    SELECT product, at FROM product_history WHERE (product, at) > ($1, $2) ORDER BY product, at LIMIT $4::bigint
), gone AS (
    DELETE FROM product_history h USING passed
    WHERE passed.at < $3 AND h.product = passed.product AND h.at = passed.at AND (
        EXISTS (SELECT FROM product_history next WHERE next.product = h.product AND next.at > h.at AND next.at <= $3)
        OR NOT EXISTS (SELECT FROM products p WHERE p.id = h.product AND p.removed_at IS NULL))
)
SELECT product, at FROM passed ORDER BY product DESC, at DESC LIMIT 1
