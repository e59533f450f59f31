-- Reads the size of a product's main image, which networks want beside its URL.
SELECT i.width, i.height FROM image_uses u JOIN images i ON i.hash = u.image
WHERE u.product = $1 AND i.url = $2 AND i.status = 'good' AND i.width IS NOT NULL AND i.height IS NOT NULL
