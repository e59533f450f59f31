-- Reads one product, even a removed one: a caller that has its id may see what it was.
SELECT p.id, p.partner, owner.slug, p.item_id, p.group_key, p.blocked, p.image_refused, p.sold_out, p.missing_runs,
       p.item, p.version, p.created_at, p.updated_at, p.removed_at, owner.suspended_at IS NOT NULL AS suspended
FROM products p JOIN partners owner ON owner.id = p.partner
WHERE p.id = $1 AND ($2::uuid IS NULL OR p.partner = $2)
