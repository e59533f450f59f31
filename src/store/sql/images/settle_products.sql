-- Updates products whose image is newly refused or no longer refused, with their new availability.
UPDATE products p SET image_refused = $2, availability = u.availability, version = p.version + 1, updated_at = now()
FROM unnest($1::uuid[], $3::text[]) AS u (product, availability) WHERE p.id = u.product
