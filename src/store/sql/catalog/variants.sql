-- What shares a product with this one, itself included.
SELECT p.id, p.partner, owner.slug, p.item_id, p.group_key, p.blocked, p.image_refused, p.missing_runs,
       p.item, p.version, p.created_at, p.changed_at, p.gone_at
FROM products p JOIN partners owner ON owner.id = p.partner
JOIN products this ON this.id = $1 AND this.partner = p.partner AND this.group_key = p.group_key
WHERE p.gone_at IS NULL ORDER BY p.item_id LIMIT $2
