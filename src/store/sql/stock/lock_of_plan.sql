-- Locks the stock of products that a run changes, before their rows: in the order in which everybody locks them.
SELECT s.item_id FROM stock s
WHERE s.partner = $1 AND s.item_id IN (
    SELECT p.item_id FROM feed_plan plan JOIN products p ON p.id = plan.product WHERE p.partner = $1
        AND plan.action IN ('update', 'describe', 'block', 'miss', 'remove'))
ORDER BY s.item_id FOR NO KEY UPDATE
