-- Updates products that are newly sold out or no longer, with their new availability.
UPDATE products p SET sold_out = u.sold_out, availability = u.availability, version = p.version + 1, updated_at = now()
FROM unnest($1::uuid[], $2::boolean[], $3::text[]) AS u (product, sold_out, availability) WHERE p.id = u.product
