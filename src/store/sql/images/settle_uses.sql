-- A slice of products that are told now. Those whose item has the picture no more, or that know, are left alone.
WITH slice AS (
    SELECT product FROM image_uses WHERE image = $1 AND partner = $2 AND refused = NOT $3
    ORDER BY product LIMIT 500 FOR UPDATE
), told AS (
    UPDATE image_uses u SET refused = $3 FROM slice WHERE u.product = slice.product RETURNING u.product
)
SELECT told.product, p.item, p.blocked, p.missing_runs, p.removed_at, $3 AS image_refused,
    p.image_refused <> $3 AND p.removed_at IS NULL AND p.item::json #>> '{images,0,url}' = $4 AS follows
FROM told JOIN products p ON p.id = told.product
