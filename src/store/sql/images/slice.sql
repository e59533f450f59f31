-- Lists what changed in a slice since the last walk: each product with its main image, or null if it was removed.
SELECT p.id, CASE WHEN p.removed_at IS NULL THEN p.item::json #>> '{images,0,url}' END AS url
FROM products p JOIN image_walks w ON w.partner = p.partner
WHERE p.partner = $1 AND p.item_id > $2 AND p.item_id <= $3 AND p.updated_at > w.since
