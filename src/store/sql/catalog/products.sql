-- Lists products by partner and id, after a cursor. Removed ones are left out.
SELECT p.id, p.partner, owner.slug, p.item_id, p.group_key, p.blocked, p.image_refused, p.sold_out, p.missing_runs,
       p.item, p.version, p.created_at, p.updated_at, p.removed_at, owner.suspended_at IS NOT NULL AS suspended
FROM products p JOIN partners owner ON owner.id = p.partner
WHERE p.removed_at IS NULL
    AND ($1::uuid IS NULL OR p.partner = $1)
    AND ($2::uuid IS NULL OR (p.partner, p.item_id) > (SELECT c.partner, c.item_id FROM products c WHERE c.id = $2))
    AND ($3::text IS NULL OR CASE WHEN owner.suspended_at IS NULL THEN p.availability ELSE 'out_of_stock' END = $3)
ORDER BY p.partner, p.item_id LIMIT $4
