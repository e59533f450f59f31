-- Locks products until their posts exist, and reads them as they are now.
SELECT p.id, p.partner, p.item_id, p.item, p.blocked, p.missing_runs, p.removed_at, p.image_refused, p.sold_out,
       owner.suspended_at IS NOT NULL AS suspended, owner.slug, owner.name
FROM products p JOIN partners owner ON owner.id = p.partner
WHERE p.id = ANY($1) ORDER BY p.item_id FOR SHARE OF p
