-- Products whose picture is refused now, or no longer, with what is offered of them from now on.
UPDATE products p SET image_refused = $2, availability = u.availability, version = p.version + 1, updated_at = now()
FROM unnest($1::uuid[], $3::text[]) AS u (product, availability) WHERE p.id = u.product
