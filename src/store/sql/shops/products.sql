-- Reads the listed products that the catalog has, in the list's order.
SELECT p.id, p.partner, owner.slug, p.item_id, p.group_key, p.blocked, p.image_refused, p.sold_out, p.missing_runs,
       p.item, p.version, p.created_at, p.updated_at, p.removed_at, owner.suspended_at IS NOT NULL AS suspended
FROM unnest($2::text[]) WITH ORDINALITY AS listed (item_id, position)
JOIN products p ON p.partner = $1 AND p.item_id = listed.item_id COLLATE "C"
JOIN partners owner ON owner.id = p.partner
WHERE p.removed_at IS NULL ORDER BY listed.position
