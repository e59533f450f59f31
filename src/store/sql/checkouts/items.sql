-- Reads the products with these item ids of these partners.
SELECT p.id, p.partner, owner.slug, owner.name, p.item_id, p.group_key, p.blocked, p.image_refused, p.sold_out,
       p.missing_runs, p.item, p.version, p.created_at, p.updated_at, p.removed_at, owner.suspended_at IS NOT NULL AS suspended
FROM unnest($1::text[], $2::text[]) AS wanted (slug, item_id)
JOIN partners owner ON owner.slug = wanted.slug
JOIN products p ON p.partner = owner.id AND p.item_id = wanted.item_id
