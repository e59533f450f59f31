-- Adds the stock of items that nobody has wanted before, as their catalog has it. While a feed changes a catalog,
-- nothing of it is added: its quantities are about to change. Says what can be waited for: an item whose catalog or
-- row is locked, and not one that does not exist.
WITH wanted AS (
    SELECT DISTINCT partner, item_id FROM unnest($1::uuid[], $2::text[]) AS w (partner, item_id)
), unlocked AS (
    SELECT partner FROM feeds WHERE partner IN (SELECT partner FROM wanted) FOR KEY SHARE SKIP LOCKED
), found AS (
    SELECT p.partner, p.item_id, (p.item::json ->> 'quantity')::bigint AS quantity,
        p.item::json ->> 'availability' = 'backorder' AS backorder
    FROM products p JOIN wanted USING (partner, item_id) WHERE p.removed_at IS NULL
), added AS (
    INSERT INTO stock (partner, item_id, kind, set_by, total)
    SELECT partner, item_id, CASE WHEN quantity IS NULL OR backorder THEN 'unlimited' ELSE 'counter' END, 'catalog',
        CASE WHEN NOT backorder THEN quantity END
    FROM found WHERE partner IN (SELECT partner FROM unlocked)
    ON CONFLICT DO NOTHING
)
SELECT partner, item_id FROM found
UNION
SELECT partner, item_id FROM stock JOIN wanted USING (partner, item_id)
