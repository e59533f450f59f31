-- Which product has which main picture, and what it was told of it.
INSERT INTO image_uses AS old (product, partner, image, refused)
SELECT p.id, p.partner, u.image, p.image_refused
FROM unnest($1::uuid[], $2::bytea[]) AS u (product, image) JOIN products p ON p.id = u.product
ORDER BY p.id
ON CONFLICT (product) DO UPDATE SET image = excluded.image, refused = excluded.refused
WHERE old.image <> excluded.image OR old.refused <> excluded.refused
