-- Reads the check of a product's main image.
SELECT i.hash, i.url, i.status, i.reason, i.kind, i.width, i.height, i.checked_at, '{}'::text[] AS items
FROM image_uses u JOIN images i ON i.hash = u.image WHERE u.product = $1
