-- Locks a product until its post exists, so that a feed that changes it finds the post.
SELECT p.id, p.partner, p.item_id, p.item, p.blocked, p.missing_runs, p.removed_at, p.image_refused, p.sold_out,
       owner.suspended_at IS NOT NULL AS suspended, owner.slug, owner.name
FROM products p JOIN partners owner ON owner.id = p.partner
WHERE p.id = $1 OR p.partner = (SELECT id FROM partners WHERE slug = $2) AND p.item_id = $3
FOR SHARE OF p
