-- Reads the titles of these items, removed ones included. Needed for ids that look like card numbers.
SELECT request.position, p.item::json ->> 'title' AS title
FROM unnest($1::text[], $2::text[]) WITH ORDINALITY AS request (slug, item_id, position)
JOIN partners owner ON owner.slug = request.slug
JOIN products p ON p.partner = owner.id AND p.item_id = request.item_id
