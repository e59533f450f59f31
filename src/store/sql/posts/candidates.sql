-- Lists a partner's items that a selection may match, by id after a cursor: a superset by columns and words, which
-- the caller filters. For a rule, only items it has not decided on that changed since its last pass.
SELECT p.id, p.partner, p.item_id, p.item, p.blocked, p.missing_runs, p.removed_at, p.image_refused, p.sold_out, p.updated_at,
       owner.suspended_at IS NOT NULL AS suspended, owner.slug, owner.name,
       EXISTS (SELECT FROM posts made WHERE made.product = p.id AND made.state NOT IN ('ended', 'withdrawn')) AS has_post,
       p.group_key IS NOT NULL AND EXISTS (
           SELECT FROM products sibling JOIN posts made ON made.product = sibling.id
           WHERE sibling.partner = p.partner AND sibling.group_key = p.group_key
               AND made.state NOT IN ('ended', 'withdrawn')) AS group_has_post
FROM products p JOIN partners owner ON owner.id = p.partner
WHERE p.partner = $1 AND p.item_id > $2 AND p.removed_at IS NULL
    AND ($3::text IS NULL OR p.currency = $3)
    AND ($4::text IS NULL OR strpos(p.item, $4) > 0)
    AND ($5::text IS NULL OR strpos(p.search, $5) > 0 OR strpos(lower(p.item_id), $5) > 0)
    AND ($6::uuid IS NULL OR p.updated_at > $7 AND NOT EXISTS (
        SELECT FROM post_rule_items decided WHERE decided.rule = $6 AND decided.product = p.id))
ORDER BY p.item_id LIMIT $8
