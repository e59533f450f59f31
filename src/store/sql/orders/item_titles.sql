-- What partners' catalogs call these items, also those that are gone: asked for ids that look like card numbers.
SELECT asked.place, p.item::json ->> 'title' AS title
FROM unnest($1::text[], $2::text[]) WITH ORDINALITY AS asked (slug, item_id, place)
JOIN partners owner ON owner.slug = asked.slug
JOIN products p ON p.partner = owner.id AND p.item_id = asked.item_id
