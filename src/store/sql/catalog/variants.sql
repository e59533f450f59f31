-- Lists the variants of a product in the feed's order, with their total. The product itself is always included,
-- others while there is room.
SELECT * FROM (
    SELECT p.id, p.partner, owner.slug, p.item_id, p.group_key, p.blocked, p.image_refused, p.sold_out, p.missing_runs,
           p.item, p.version, p.created_at, p.updated_at, p.removed_at, owner.suspended_at IS NOT NULL AS suspended, count(*) OVER () AS total
    FROM products p JOIN partners owner ON owner.id = p.partner
    JOIN products this ON this.id = $1 AND this.partner = p.partner AND this.group_key = p.group_key
    WHERE p.removed_at IS NULL ORDER BY p.id = $1 DESC, p.id LIMIT $2
) listed ORDER BY id
