-- Lists products whose title or id contains the text. The search uses the index alone, in its order; only matches
-- are read.
SELECT p.id, p.partner, owner.slug, p.item_id, p.group_key, p.blocked, p.image_refused, p.sold_out, p.missing_runs,
       p.item, p.version, p.created_at, p.updated_at, p.removed_at, owner.suspended_at IS NOT NULL AS suspended
FROM (
    SELECT partner, item_id FROM products
    WHERE removed_at IS NULL
        AND ($1::uuid IS NULL OR partner = $1)
        AND ($2::uuid IS NULL OR (partner, item_id) > (SELECT c.partner, c.item_id FROM products c WHERE c.id = $2))
        AND (strpos(search, $5) > 0 OR strpos(lower(item_id), $5) > 0)
    ORDER BY partner, item_id
) found
CROSS JOIN LATERAL (
    SELECT * FROM products one WHERE one.partner = found.partner AND one.item_id = found.item_id LIMIT 1
) p
JOIN partners owner ON owner.id = p.partner
WHERE $3::text IS NULL OR CASE WHEN owner.suspended_at IS NULL THEN p.availability ELSE 'out_of_stock' END = $3
ORDER BY found.partner, found.item_id LIMIT $4
