-- Takes a slice of products to update. A product that no longer has the image, or is up to date, does not follow.
WITH slice AS (
    SELECT product FROM image_uses WHERE image = $1 AND partner = $2 AND refused = NOT $3
    ORDER BY product LIMIT 500 FOR UPDATE
), updated AS (
    UPDATE image_uses u SET refused = $3 FROM slice WHERE u.product = slice.product RETURNING u.product
)
SELECT updated.product, p.item, p.blocked, p.missing_runs, p.removed_at, p.sold_out, $3 AS image_refused,
    p.image_refused <> $3 AND p.removed_at IS NULL AND p.item::json #>> '{images,0,url}' = $4 AS follows
FROM updated JOIN products p ON p.id = updated.product
