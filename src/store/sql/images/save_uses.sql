-- Saves which product uses which main image, and the state the product has of it.
INSERT INTO image_uses AS current (product, partner, image, refused)
SELECT p.id, p.partner, u.image, p.image_refused
FROM unnest($1::uuid[], $2::bytea[]) AS u (product, image) JOIN products p ON p.id = u.product
ORDER BY p.id
ON CONFLICT (product) DO UPDATE SET image = excluded.image, refused = excluded.refused
WHERE current.image <> excluded.image OR current.refused <> excluded.refused
